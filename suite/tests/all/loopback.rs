//! What the matrix proves in memory holds over real sockets too: TCP and TLS give the same verdicts.

use crate::bench::{Bench, check};
use crate::tls;
use pushspec::engine::{Options, Selection, Silent, run};
use pushspec::stage::Setting;
use pushspec::transport::Trust;
use pushspec::{Declared, Protocol, Reading, Target, Timing, cases};
use pushspec_fixtures::wire::{self, Connection, Peer};
use pushspec_fixtures::{sse, ws};
use pushspec_reports::{Report, Verdict};
use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// Runs the default set against a URL over the network.
async fn check_url(url: &str, trust: &Trust) -> Report {
    let target = Target::parse(url).expect("a target");
    let protocol = target.protocol;
    let timing = Timing {
        observe: Duration::from_secs(2),
        ..Timing::default()
    };
    let setting = Setting::over_network(target, timing, Declared::default(), 1, trust)
        .await
        .expect("a setting");
    let options = Options {
        selection: Selection::default(),
        reading: Reading {
            timing,
            ..Reading::default()
        },
        jobs: 32,
        required: Vec::new(),
        interrupt: watch::channel(false).1,
        scored: &|_| true,
        observer: &Silent,
    };
    run(&setting, &cases::catalogue(protocol), options).await
}

fn verdicts(report: &Report) -> BTreeMap<&str, Verdict> {
    report
        .results
        .iter()
        .map(|result| (result.case.as_str(), result.verdict))
        .collect()
}

/// Asserts that two runs came to the same verdicts, apart from cases that only one of them could run.
fn assert_same(memory: &Report, network: &Report) {
    let known = verdicts(memory);
    let different: Vec<String> = network
        .results
        .iter()
        .filter(|result| result.verdict != Verdict::Skip)
        .filter(|result| {
            known
                .get(result.case.as_str())
                .is_none_or(|&verdict| verdict != result.verdict)
        })
        .filter(|result| known.get(result.case.as_str()) != Some(&Verdict::Skip))
        .map(|result| format!("{} {}: {}", result.verdict, result.case, result.observed))
        .collect();
    assert!(
        different.is_empty(),
        "not as in memory:\n{}",
        different.join("\n")
    );
    assert!(network.count(Verdict::Pass) > 0, "nothing was judged");
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}

#[test]
fn tcp_gives_the_verdicts_of_memory() {
    let in_memory = check(
        Protocol::WebSocket,
        &[],
        || Arc::new(ws::EchoPeer::strict()),
    );
    let over_tcp = runtime().block_on(async {
        let listening = wire::listen(Arc::new(ws::EchoPeer::strict()), "127.0.0.1:0")
            .await
            .expect("a port");
        check_url(&format!("ws://{}/", listening.address), &Trust::System).await
    });
    assert_same(&in_memory, &over_tcp);
}

#[test]
fn tcp_gives_the_verdicts_of_memory_for_event_streams() {
    let bench = Bench {
        declared: Some(Declared::default()),
        ..Bench::default()
    };
    let in_memory = bench.check(
        Protocol::EventStream,
        &[],
        || Arc::new(sse::Faithful::new()),
    );
    let over_tcp = runtime().block_on(async {
        let listening = wire::listen(Arc::new(sse::Faithful::new()), "127.0.0.1:0")
            .await
            .expect("a port");
        check_url(&format!("http://{}/", listening.address), &Trust::System).await
    });
    assert_same(&in_memory, &over_tcp);
}

#[test]
fn tls_gives_the_verdicts_of_memory() {
    let in_memory = check(
        Protocol::WebSocket,
        &[],
        || Arc::new(ws::EchoPeer::strict()),
    );
    let over_tls = runtime().block_on(async {
        let (port, certificate) = serve_tls(Arc::new(ws::EchoPeer::strict())).await;
        let path = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("loopback.pem");
        std::fs::write(&path, certificate).expect("a temporary file");
        check_url(&format!("wss://localhost:{port}/"), &Trust::File(path)).await
    });
    assert_eq!(over_tls.transport, "tls");
    assert_same(&in_memory, &over_tls);
}

/// Serves `peer` behind TLS on loopback: the port, and the certificate that vouches for it.
async fn serve_tls(peer: Arc<dyn Peer>) -> (u16, String) {
    let (config, certificate) = tls::server();
    let acceptor = TlsAcceptor::from(config);
    let listener = TcpListener::bind("localhost:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, peer) = (acceptor.clone(), Arc::clone(&peer));
            tokio::spawn(async move {
                if let Ok(stream) = acceptor.accept(stream).await {
                    peer.serve(Box::new(Secured(stream))).await;
                }
            });
        }
    });
    (port, certificate)
}

/// A connection of the fixtures behind TLS.
struct Secured(TlsStream<TcpStream>);

impl Connection for Secured {
    fn peer(&self) -> Option<SocketAddr> {
        self.0.get_ref().0.peer_addr().ok()
    }

    fn reset(self: Box<Self>) {
        Box::new(self.0.into_inner().0).reset();
    }
}

impl AsyncRead for Secured {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Secured {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}
