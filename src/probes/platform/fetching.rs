//! The scripts of sections that ask over HTTP with the documented `curl`; what
//! they print is read by `fetched`. Certificates are judged by a check of their
//! own (TLS-04): without a secret `-k` is used, with one never.

/// A script in which `get NAME CURL-ARGUMENTS` asks for one address.
macro_rules! http {
    ($($part:expr),+ $(,)?) => {
        concat!(
            "get() {\n",
            "  g=$1 && shift\n",
            "  h=$(t curl -sS -m 4 -w '\\n@http %{http_code}\\n' \"$@\")\n",
            "  x=$?\n",
            "  printf '@get %s\\n%s\\n@curl %s\\n' \"$g\" \"$h\" \"$x\"\n",
            "  case $h in *'@http 40'[13]*) echo Unauthorized >&2 ;; esac\n",
            "}\n",
            $($part),+
        )
    };
}

/// The same with `token_get`, which shows the operator's token. It stands in the
/// variable JWT of the account; it goes to curl on standard input, so that no
/// list of processes has it. Without it the section ends with 77.
macro_rules! token {
    ($($part:expr),+ $(,)?) => {
        http!(
            "token_get() { printf 'header = \"Authorization: Bearer %s\"\\n' \"$JWT\" | get \"$1\" -K - \"$2\"; }\n",
            "[ -n \"$JWT\" ] || { echo 'no operator token: JWT is not set' >&2; return 77; }\n",
            $($part),+
        )
    };
}

/// The same with `grafana_get NAME PATH`, with the token of GRAFANA_TOKEN where
/// the account has one, else as anybody.
macro_rules! grafana {
    ($($part:expr),+ $(,)?) => {
        http!(
            "grafana_get() {\n",
            "  if [ -n \"$GRAFANA_TOKEN\" ]; then\n",
            "    printf 'header = \"Authorization: Bearer %s\"\\n' \"$GRAFANA_TOKEN\" | get \"$1\" -K - \"$GRAFANA$2\"\n",
            "  else\n",
            "    get \"$1\" -k \"$GRAFANA$2\"\n",
            "  fi\n",
            "}\n",
            $($part),+
        )
    };
}

/// A query of Prometheus.
macro_rules! promql {
    ($name:literal, $query:literal) => {
        http!(
            "get ",
            $name,
            " -k -G --data-urlencode 'query=",
            $query,
            "' \"$PROMETHEUS/api/v1/query\""
        )
    };
}

pub(crate) use {grafana, http, promql, token};
