//! `pushspec diff` between a faithful peer and a faulty one names the planted fault and nothing else.

use crate::served::{Served, folder, pushspec, said, status};

/// A protocol, a planted fault, and all that becomes worse by it, among every case of the default set.
const PLANTED: [(&str, &str, &[&str]); 5] = [
    // What is generated meets an empty ping as well.
    (
        "ws",
        "pong-none-for-empty",
        &[
            "ws/ctl/ping-empty",
            "ws/prop/legal-plain",
            "ws/prop/legal-compressed",
        ],
    ),
    ("ws", "accepts-no-host", &["ws/hs-neg/no-host"]),
    (
        "ws",
        "wasteful-two-accepted",
        &[
            "ws/frame-neg/length-nonminimal-16-text",
            "ws/frame-neg/length-nonminimal-16-binary",
            "ws/frame-neg/length-nonminimal-control-16-ping",
            "ws/frame-neg/length-nonminimal-control-16-close",
        ],
    ),
    ("sse", "bom-before-each-event", &["sse/passive/bom"]),
    ("sse", "cache-max-age", &["sse/resp/cache-fields"]),
];

#[test]
fn a_faulty_peer_differs_from_a_faithful_one_by_what_was_planted() {
    let folder = folder("planted");
    let check = |served: &Served, name: &str| {
        let report = format!("json={name}.json");
        let args = ["check", &served.url, "--observe", "1", "--report", &report];
        status(&pushspec(&folder, &args))
    };
    for protocol in ["ws", "sse"] {
        let faithful = Served::peer(protocol, &[]);
        assert_eq!(check(&faithful, protocol), Some(0), "{protocol}");
    }
    for (protocol, fault, expected) in PLANTED {
        let faulty = Served::peer(protocol, &["--fault", fault]);
        check(&faulty, fault);
        let args = [
            "diff",
            &format!("{protocol}.json"),
            &format!("{fault}.json"),
        ];
        let differ = pushspec(&folder, &args);
        assert_eq!(status(&differ), Some(1), "{fault}: {}", said(&differ));
        let told = said(&differ);
        // Each peer has a port of its own.
        let mut lines = told
            .lines()
            .filter(|line| !line.starts_with("note: target: "));
        assert_eq!(
            lines.next(),
            Some(format!("{} worse", expected.len()).as_str()),
            "{told}"
        );
        let named: Vec<&str> = lines
            .filter_map(|line| line.strip_prefix("  ")?.split("  ").next())
            .collect();
        assert_eq!(named, expected, "{fault}: {told}");
        // The note, and the number of what is worse.
        assert_eq!(told.lines().count(), 2 + expected.len(), "{told}");
    }
}
