//! What the servers of machines and of controllers have in common: a port that
//! is open or not, and connections that end when the way of answering changes.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::ports::Port;
use super::state::State;
use super::world::{Door, World};

/// Serves a port until dropped. `look` says how the site answers there now, `open` whether that is
/// with an open port, and `talk` holds one conversation; all of them end when `look` says otherwise.
pub async fn serve<Way, Talk>(
    state: Arc<State>,
    mut port: Port,
    look: impl Fn(&World) -> Way,
    door: impl Fn(&Way) -> Door,
    talk: impl Fn(&Way, TcpStream) -> Talk,
) where
    Way: PartialEq,
    Talk: Future<Output = ()> + Send + 'static,
{
    let (mut news, acted) = state.news();
    loop {
        let now = news.borrow_and_update().clone();
        let way = look(&now.world);
        let mut talks = JoinSet::new();
        port.set_open(door(&way) != Door::Closed).await;
        acted.store(now.number, Ordering::Release);
        loop {
            tokio::select! {
                changed = news.changed() => {
                    if changed.is_err() {
                        return;
                    }
                    let now = news.borrow_and_update().clone();
                    if look(&now.world) != way {
                        news.mark_changed();
                        break;
                    }
                    acted.store(now.number, Ordering::Release);
                }
                stream = port.accept() => {
                    talks.spawn(talk(&way, stream));
                }
                Some(_) = talks.join_next() => {}
            }
        }
    }
}

/// Keeps a connection and says nothing; ends when the other side does.
pub async fn hold(mut stream: TcpStream) {
    let mut heard = [0u8; 1024];
    while let Ok(1..) = stream.read(&mut heard).await {}
}
