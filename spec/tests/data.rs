//! The embedded data: complete, found by id and document, and printed as it was written.

use std::collections::BTreeSet;

use pushspec_spec::{
    Basis, Document, Leave, Level, Need, Observable, Outcome, Requirement, Role, Verified,
    ambiguities, catalogue,
};

const TOTAL: usize = 605;

const PER_DOCUMENT: [(Document, usize); 15] = [
    (Document::Rfc6455, 277),
    (Document::Rfc7692, 89),
    (Document::Rfc8441, 24),
    (Document::Rfc9220, 6),
    (Document::Rfc6202, 7),
    (Document::Rfc7936, 1),
    (Document::Rfc8307, 1),
    (Document::Rfc9110, 29),
    (Document::Rfc9112, 28),
    (Document::Rfc9113, 4),
    (Document::Rfc9114, 3),
    (Document::WhatwgHtml, 98),
    (Document::WhatwgFetch, 14),
    (Document::WhatwgWebsockets, 23),
    (Document::Iana, 1),
];

fn find(id: &str) -> &'static Requirement {
    catalogue()
        .get(id)
        .unwrap_or_else(|| panic!("{id} is missing"))
}

fn count(predicate: impl Fn(&Requirement) -> bool) -> usize {
    catalogue()
        .iter()
        .filter(|requirement| predicate(requirement))
        .count()
}

#[test]
fn every_row_is_present() {
    assert_eq!(catalogue().len(), TOTAL);
    assert_eq!(
        PER_DOCUMENT.iter().map(|(_, rows)| rows).sum::<usize>(),
        TOTAL
    );
    assert_eq!(
        PER_DOCUMENT.map(|(document, _)| document).as_slice(),
        Document::ALL
    );
    for (document, rows) in PER_DOCUMENT {
        assert_eq!(catalogue().of(document).count(), rows, "{document}");
    }
}

#[test]
fn levels_roles_and_observability_are_counted() {
    let levels = [
        (Level::Must, 362),
        (Level::MustNot, 75),
        (Level::Should, 49),
        (Level::ShouldNot, 4),
        (Level::May, 115),
    ];
    for (level, rows) in levels {
        assert_eq!(count(|r| r.level == level), rows, "{level}");
    }
    let roles = [
        (Role::Both, 214),
        (Role::Client, 195),
        (Role::Server, 189),
        (Role::Intermediary, 7),
    ];
    for (role, rows) in roles {
        assert_eq!(count(|r| r.role == role), rows, "{role}");
    }
    let observable = [
        (Observable::Yes, 295),
        (Observable::Partly, 132),
        (Observable::No, 178),
    ];
    for (word, rows) in observable {
        assert_eq!(count(|r| r.observable == word), rows, "{word}");
    }
    assert_eq!(count(|r| r.verified == Verified::Knowledge), 8);
}

#[test]
fn sections_of_server_sent_events_share_one_document() {
    let rows = |middle: &str| count(|r| r.id.starts_with(&format!("sse/{middle}")));
    assert_eq!((rows("9.2."), rows("17.7/"), rows("x/")), (85, 7, 6));
}

#[test]
fn a_requirement_is_found_whole() {
    let rule = find("rfc6455/5.1/server-closes-on-unmasked");
    assert_eq!(rule.document, Document::Rfc6455);
    assert_eq!(rule.section, "5.1");
    assert_eq!(rule.level, Level::Must);
    assert_eq!(rule.role, Role::Server);
    assert_eq!(rule.basis, Basis::Explicit);
    assert_eq!(rule.basis_of_reaction(), Basis::Explicit);
    assert_eq!(rule.observable, Observable::Yes);
    assert_eq!(rule.needs, [Need::Open]);
    assert_eq!(rule.errata, None);
    assert_eq!(rule.reference(), "RFC 6455, section 5.1");
}

#[test]
fn unknown_ids_are_not_found() {
    for id in [
        "",
        "rfc6455",
        "rfc6455/5.1/",
        "RFC6455/5.1/server-must-not-mask",
        "rfc6455/5.1/no-such-rule",
    ] {
        assert!(catalogue().get(id).is_none(), "{id:?}");
    }
}

#[test]
fn citations_read_well_for_every_kind_of_section() {
    let rows = [
        ("rfc6455/11.1/host-to-ascii", "RFC 6455, section 11.1.1"),
        (
            "rfc7692/x/decompression-limit",
            "RFC 7692, see section 10.4 of RFC 6455",
        ),
        ("sse/17.7/charset-utf8", "WHATWG HTML, section 17.7"),
        ("fetch/redirect/statuses", "WHATWG Fetch, Statuses"),
        (
            "ws-api/ping/client-pings-optional",
            "WHATWG WebSockets, section 5",
        ),
        ("iana/close-code/1012-1014", "IANA WebSocket, registry"),
    ];
    for (id, expected) in rows {
        assert_eq!(find(id).reference(), expected);
    }
}

/// RFC 6455 states a receiver's reaction for these faults only; see `Basis::Derived` for all others.
#[test]
fn stated_reactions_are_explicit() {
    for id in [
        "rfc6455/4.1/client-checks-whole-response",
        "rfc6455/4.2.1/reject-nonconforming-handshake",
        "rfc6455/5.1/client-closes-on-masked",
        "rfc6455/5.1/server-closes-on-unmasked",
        "rfc6455/5.2/rsv-nonzero-fails",
        "rfc6455/5.2/unknown-control-opcode-fails",
        "rfc6455/5.2/unknown-noncontrol-opcode-fails",
        "rfc6455/8.1/invalid-utf8-fails",
        "rfc6455/9.1/malformed-header-fails",
        "rfc7692/6.1/receive-rsv1-continuation-fails",
        "rfc7692/6.1/receive-rsv1-control-fails",
        "rfc7692/7/decline-invalid-value",
    ] {
        assert_eq!(find(id).basis_of_reaction(), Basis::Explicit, "{id}");
    }
}

#[test]
fn reactions_that_no_clause_states_are_derived() {
    for id in [
        "rfc6455/5.2/length-msb-zero",
        "rfc6455/5.2/length-nonminimal-received",
        "rfc6455/5.4/continuation-without-start",
        "rfc6455/5.4/control-not-fragmented",
        "rfc6455/5.4/new-data-frame-inside-fragments",
        "rfc6455/5.4/no-interleaved-messages",
        "rfc6455/5.5/control-fin-required",
        "rfc6455/5.5/control-length-125",
        "rfc6455/5.5.1/close-body-starts-with-code",
        "rfc6455/7.4.1/1005-not-on-wire",
        "rfc6455/7.4.2/0-999-unused",
        "rfc7692/7.2.2/invalid-deflate-data",
    ] {
        assert_eq!(find(id).basis_of_reaction(), Basis::Derived, "{id}");
    }
}

#[test]
fn statements_without_a_keyword_are_derived() {
    for id in [
        "rfc6455/5.4/no-frame-boundary-semantics",
        "rfc6455/5.5.1/one-close-only",
        "rfc6455/5.5.3/pong-identical-data",
        "rfc6455/7.3/closure-uses-handshake",
        "rfc6455/7.4.1/1004-reserved",
        "rfc6455/7.4.1/1010-client-only",
        "rfc6455/7.4.2/0-999-unused",
        "rfc6455/7.4.2/1000-2999-reserved",
        "sse/9.2.4/value-space",
        "sse/9.2.5/grammar",
        "sse/x/stable-across-reconnect",
    ] {
        assert_eq!(find(id).basis, Basis::Derived, "{id}");
    }
}

#[test]
fn advice_never_obliges() {
    for requirement in catalogue().iter().filter(|r| r.basis == Basis::Advice) {
        assert_eq!(requirement.level, Level::May, "{}", requirement.id);
    }
}

#[test]
fn what_can_be_seen_says_how() {
    for requirement in catalogue() {
        if requirement.observable == Observable::Yes {
            assert!(
                requirement.stimulus.is_some(),
                "{}: no stimulus",
                requirement.id
            );
            assert!(
                requirement.expectation.is_some(),
                "{}: no expectation",
                requirement.id
            );
            assert!(
                !requirement.needs.is_empty(),
                "{}: no needs",
                requirement.id
            );
        }
    }
}

#[test]
fn verified_errata_are_cited() {
    let cited: Vec<_> = catalogue()
        .iter()
        .filter(|r| r.errata.is_some())
        .map(|r| r.id.as_str())
        .collect();
    assert_eq!(
        cited,
        [
            "rfc6455/4.2.1/key-noncanonical-padding-bits",
            "rfc6455/4.2.2/accept-uses-key-text",
            "rfc6455/11.3.2/extensions-once-in-response",
        ]
    );
}

#[test]
fn documents_differ_in_every_name() {
    let distinct = |name: fn(Document) -> &'static str| {
        Document::ALL
            .iter()
            .map(|d| name(*d))
            .collect::<BTreeSet<_>>()
            .len()
    };
    for name in [
        Document::title,
        Document::name,
        Document::prefix,
        Document::file,
        Document::url,
    ] {
        assert_eq!(distinct(name), Document::ALL.len());
    }
    for document in Document::ALL {
        assert_eq!(Document::from_title(document.title()), Some(*document));
        assert_eq!(document.to_string(), document.title());
    }
}

#[test]
fn words_and_values_match_both_ways() {
    for level in Level::ALL {
        assert_eq!(Level::from_word(level.as_str()), Some(*level));
    }
    for need in Need::ALL {
        assert_eq!(Need::from_word(&need.to_string()), Some(*need));
    }
    assert_eq!(Role::from_word("Server"), None);
}

/// Serialised with the one format at hand; the keys are the same in JSON.
#[test]
fn serialised_requirements_read_like_the_data() {
    let written = toml::to_string(find("rfc8307/1/well-known-ws")).unwrap();
    assert_eq!(
        written,
        r#"id = "rfc8307/1/well-known-ws"
document = "RFC 8307"
section = "1"
level = "MAY"
role = "both"
basis = "derived"
link = "https://www.rfc-editor.org/rfc/rfc8307#section-1"
summary = "Well-known URIs also exist for the ws and wss schemes."
observable = "no"
observability = "addressing only"
needs = ["open"]
verified = "text"
"#
    );
}

/// The register is complete, and what it says reads as it should.
#[test]
fn every_ambiguity_asks_and_answers() {
    assert_eq!(ambiguities().iter().count(), 58);
    for ambiguity in ambiguities() {
        let id = &ambiguity.id;
        assert!(ambiguity.question.ends_with('?'), "{id}");
        assert!(ambiguity.reading.ends_with('.'), "{id}");
        let permitted = |outcome: &Outcome| outcome.leave == Leave::Permitted;
        assert!(ambiguity.outcomes.iter().any(permitted), "{id}");
        for requirement in &ambiguity.requirements {
            let found = ambiguities().about(requirement);
            assert_eq!(found.filter(|found| found.id == *id).count(), 1, "{id}");
        }
    }
    let corrected = ambiguities().iter().flat_map(|found| &found.errata);
    assert_eq!(
        corrected.copied().collect::<BTreeSet<_>>(),
        BTreeSet::from([3150, 3433])
    );
}
