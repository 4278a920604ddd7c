//! `pushspec serve`: a peer of the fixtures on loopback, until Ctrl-C or SIGTERM: then it stops as a faithful server does.

use super::Usage;
use super::args::{ServeArgs, Served};
use super::check::print;
use super::nearest::hint;
use pushspec_fixtures::wire::{self, Peer};
use pushspec_fixtures::{sse, ws};
use pushspec_reports::gate::ExitStatus;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};

/// How long open connections may take to end once the peer was told to stop.
const FAREWELL: Duration = Duration::from_secs(5);

pub(super) async fn run(args: &ServeArgs) -> Result<ExitStatus, Usage> {
    let peer = peer(args.protocol, args.fault.as_deref())?;
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, args.port));
    let listening = wire::listen(peer, address)
        .await
        .map_err(|error| Usage::new(format_args!("port {} cannot be had: {error}", args.port)))?;
    let scheme = match args.protocol {
        Served::Ws => "ws",
        Served::Sse => "http",
    };
    // Where the further contracts are kept: what `--command` and `--script` ask for.
    let (flag, path) = match args.protocol {
        Served::Ws => ("--command", ws::COMMAND_PATH),
        Served::Sse => ("--script", "/"),
    };
    eprintln!(
        "serving {scheme}://{address}/ until Ctrl-C; with {flag} {scheme}://{address}{path} more cases run",
        address = listening.address
    );
    let mut told = [SignalKind::interrupt(), SignalKind::terminate()].map(signal);
    let [Ok(interrupt), Ok(terminate)] = &mut told else {
        return Err(Usage::new("signals cannot be heard on this machine"));
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        () = listening.died() => {
            eprintln!("the peer's fault brought it down");
            return Ok(ExitStatus::Met);
        }
    }
    tokio::select! {
        () = listening.stop(FAREWELL) => {}
        _ = interrupt.recv() => {}
    }
    Ok(ExitStatus::Met)
}

fn peer(protocol: Served, fault: Option<&str>) -> Result<Arc<dyn Peer>, Usage> {
    // The list goes before the error, which would scroll away before it.
    let unknown = |name: &str, known: Vec<(&str, &str)>| {
        let names = known.iter().map(|(name, _)| *name);
        let error = Usage::new(format_args!(
            "--fault `{name}`: there is no such fault, and those above are all{}",
            hint(name, names)
        ));
        let mut known: Vec<String> = known
            .iter()
            .map(|(name, summary)| format!("  {name}: {summary}\n"))
            .collect();
        known.sort();
        print(&known.concat());
        error
    };
    match (protocol, fault) {
        (Served::Ws, None) => Ok(Arc::new(ws::EchoPeer::strict().for_any_origin())),
        (Served::Sse, None) => Ok(Arc::new(sse::Faithful::new())),
        (Served::Ws, Some(name)) => match ws::FAULTS.iter().find(|fault| fault.name == name) {
            Some(fault) => Ok(Arc::new(ws::EchoPeer::faulty(fault).for_any_origin())),
            None => Err(unknown(
                name,
                ws::FAULTS
                    .iter()
                    .map(|fault| (fault.name, fault.summary))
                    .collect(),
            )),
        },
        (Served::Sse, Some(name)) => match sse::FAULTS.iter().find(|fault| fault.name == name) {
            Some(fault) => Ok(Arc::new(sse::Faulty::with(fault))),
            None => Err(unknown(
                name,
                sse::FAULTS
                    .iter()
                    .map(|fault| (fault.name, fault.summary))
                    .collect(),
            )),
        },
    }
}
