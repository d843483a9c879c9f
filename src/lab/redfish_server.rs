//! The management controllers: real HTTPS servers with certificates of the
//! site's CA and Basic credentials, answering from the site's state.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue, WWW_AUTHENTICATE};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use super::doors::{self, hold};
use super::ports::Port;
use super::redfish_tree;
use super::state::State;
use super::world::{Door, World};

/// One machine's management controller.
pub struct RedfishServer {
    /// The machine it manages.
    pub machine: String,
    /// Its certificate and key.
    pub tls: Arc<rustls::ServerConfig>,
    /// The value of the `Authorization` header that it takes.
    pub authorization: Arc<str>,
    /// The site.
    pub state: Arc<State>,
}

impl RedfishServer {
    /// Serves until dropped. Open connections end when the way the
    /// controller answers changes.
    pub async fn serve(self, port: Port) {
        let server = Arc::new(self);
        let (state, machine) = (server.state.clone(), server.machine.clone());
        let look = move |world: &World| world.bmc_door(&machine);
        doors::serve(
            state,
            port,
            look,
            |way| way.0,
            move |way, stream| server.clone().talk(*way, stream),
        )
        .await;
    }

    async fn talk(self: Arc<Self>, (door, delay_ms): (Door, u64), stream: TcpStream) {
        if door == Door::Silent {
            return hold(stream).await;
        }
        let _ = stream.set_nodelay(true);
        // Whoever breaks off a handshake or a request is the other side's business.
        let Ok(stream) = TlsAcceptor::from(self.tls.clone()).accept(stream).await else { return };
        let service = service_fn(|request| {
            let server = self.clone();
            async move {
                tokio::time::sleep(Duration::from_millis(delay_ms)).await;
                Ok::<_, Infallible>(server.answer(&request))
            }
        });
        let _ = hyper::server::conn::http1::Builder::new()
            .serve_connection(TokioIo::new(stream), service)
            .await;
    }

    fn answer(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        let path = request.uri().path();
        let given = request.headers().get(AUTHORIZATION);
        let welcome = given.is_some_and(|value| value.as_bytes() == self.authorization.as_bytes());
        if !welcome && !redfish_tree::is_open(path) {
            let text = match given {
                None => "Authorization required",
                Some(_) => "Incorrect username or password",
            };
            let mut response = error(StatusCode::UNAUTHORIZED, text);
            response
                .headers_mut()
                .insert(WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"BMC\""));
            return response;
        }
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            // The site's account for monitoring may only read.
            return error(StatusCode::FORBIDDEN, "Insufficient privilege level");
        }
        let world = self.state.world();
        let found = world
            .machine(&self.machine)
            .and_then(|machine| redfish_tree::resource(&world, machine, self.state.now(), path));
        match found {
            Some(body) => json_response(StatusCode::OK, &body),
            None => error(StatusCode::NOT_FOUND, "The resource was not found"),
        }
    }
}

fn error(status: StatusCode, message: &str) -> Response<Full<Bytes>> {
    let body = json!({"error": {
        "code": "Base.1.0.GeneralError",
        "message": message,
        "@Message.ExtendedInfo": [{
            "@odata.type": "/redfish/v1/$metadata#Message.1.0.0.Message",
            "MessageId": "Base.1.0.GeneralError",
        }],
    }});
    json_response(status, &body)
}

fn json_response(status: StatusCode, body: &serde_json::Value) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body.to_string())));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
