//! `--report`, `pushspec render`, known failures and `pushspec baseline`, as a user meets them.

use crate::served::{Served, folder, pushspec, said, status};
use pushspec_reports::Verdict;
use pushspec_reports::render::{Format, json};
use std::fs;

const FEW: [&str; 4] = [
    "--case",
    "ws/ctl/ping-*",
    "--case",
    "ws/passive/length-minimal",
];

#[test]
fn every_form_is_written_and_rendered_alike_from_the_saved_report() {
    let (folder, served) = (folder("every-form"), Served::start("pong-none-for-empty"));
    let given = Format::ALL.map(|format| format!("--report={format}=direct.{format}"));
    let mut args = vec!["check", &served.url];
    args.extend(FEW);
    args.extend(given.iter().map(String::as_str));
    let output = pushspec(&folder, &args);
    assert_eq!(status(&output), Some(1), "{}", said(&output));

    let given = Format::ALL.map(|format| format!("--report={format}=rendered.{format}"));
    let mut args = vec!["render", "direct.json"];
    args.extend(given.iter().map(String::as_str));
    let output = pushspec(&folder, &args);
    assert_eq!(status(&output), Some(0), "{}", said(&output));
    let text = |how: &str, format| {
        let path = folder.join(format!("{how}.{format}"));
        fs::read_to_string(path).expect("it was written")
    };
    for format in Format::ALL {
        let (direct, rendered) = (text("direct", format), text("rendered", format));
        if format == Format::Ndjson {
            // Live, results come in the order in which they are known.
            let sorted = |text: &str| {
                let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
                lines[1..].sort();
                lines.split_off(1)
            };
            assert_eq!(sorted(&direct), sorted(&rendered));
        } else {
            assert_eq!(direct, rendered, "{format}");
        }
    }
    let output = pushspec(&folder, &["render", "direct.json"]);
    assert!(
        said(&output).ends_with("exit 1: 1 failure: ws/ctl/ping-empty\n"),
        "{}",
        said(&output)
    );
}

#[test]
fn a_report_that_cannot_be_written_is_told_before_the_run_and_an_old_one_stays() {
    let folder = folder("unwritable");
    fs::write(folder.join("old.json"), "old").expect("written");
    let args = [
        "check",
        "ws://127.0.0.1:9/",
        "--report",
        "json=old.json",
        "--report",
        "tap=no/such/folder",
    ];
    let output = pushspec(&folder, &args);
    assert_eq!(status(&output), Some(2), "{}", said(&output));
    assert!(
        said(&output).contains("no/such/folder cannot be written"),
        "{}",
        said(&output)
    );
    assert_eq!(
        fs::read_to_string(folder.join("old.json")).expect("there"),
        "old"
    );
}

#[test]
fn a_verdict_cites_the_open_point_that_it_rests_on_and_explain_tells_of_it() {
    let (folder, served) = (folder("open-point"), Served::start("wasteful-accepted"));
    let case = "ws/frame-neg/length-nonminimal-16-text";
    let args = [
        "check",
        &served.url,
        "--case",
        case,
        "--report",
        "json=report.json",
    ];
    let output = pushspec(&folder, &args);
    let open = "ambiguity/wasteful-length";
    assert!(
        said(&output).contains(&format!("  open      {open}: ")),
        "{}",
        said(&output)
    );
    let text = fs::read_to_string(folder.join("report.json")).expect("it was written");
    let report = json::read(&text).expect("a report");
    let result = report.result(case).expect("it ran");
    assert_eq!(
        (result.verdict, result.ambiguities.as_slice()),
        (Verdict::Warn, [open.to_owned()].as_slice())
    );
    let told = said(&pushspec(&folder, &["explain", open]));
    for part in [
        "  doubtful  the frame is read",
        "rfc6455/5.2/length-nonminimal-received (",
        case,
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let list = said(&pushspec(&folder, &["list", "--ambiguities"]));
    assert!(
        list.contains(open) && list.contains("open points of the documents"),
        "{list}"
    );
}

#[test]
fn explain_names_the_clients_that_broke_over_a_legal_form() {
    let told = said(&pushspec(
        &folder("hazard"),
        &["explain", "sse/compat/no-space"],
    ));
    for part in [
        "legal, and it broke\n",
        "    openai/openai-python ",
        " https://github.com/openai/openai-python/issues/498\n",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
}

#[test]
fn several_targets_have_a_report_each() {
    let folder = folder("several");
    let (one, two) = (
        Served::start("pong-none-for-empty"),
        Served::start("close-empty-unanswered"),
    );
    let mut args = vec!["check", &one.url, &two.url];
    args.extend(FEW);
    let refused = pushspec(
        &folder,
        &[&args[..], &["--report", "json=report.json"]].concat(),
    );
    assert_eq!(status(&refused), Some(2));
    assert!(said(&refused).contains("{n}"), "{}", said(&refused));
    let output = pushspec(
        &folder,
        &[&args[..], &["--report", "json=report-{n}.json"]].concat(),
    );
    assert_eq!(status(&output), Some(1), "{}", said(&output));
    let fails = |name: &str| {
        let text = fs::read_to_string(folder.join(name)).expect("it was written");
        json::read(&text).expect("a report").count(Verdict::Fail)
    };
    assert_eq!((fails("report-1.json"), fails("report-2.json")), (1, 0));
}

#[test]
fn a_baseline_is_proposed_written_and_holds_until_the_failure_is_gone() {
    let folder = folder("baseline");
    let served = Served::start("pong-none-for-empty");
    let mut check = vec!["check", &served.url, "--report", "json=report.json"];
    check.extend(FEW);
    assert_eq!(status(&pushspec(&folder, &check)), Some(1));

    let proposed = pushspec(
        &folder,
        &["baseline", "write", "report.json", "--output", "known.toml"],
    );
    assert_eq!(status(&proposed), Some(0), "{}", said(&proposed));
    fs::write(
        folder.join("pushspec.toml"),
        "known-file = [\"known.toml\"]\n",
    )
    .expect("written");
    let unwritten = pushspec(&folder, &check);
    assert_eq!(status(&unwritten), Some(2), "{}", said(&unwritten));
    assert!(
        said(&unwritten).contains("known.toml: known failure `ws/ctl/ping-empty` has no reason"),
        "{}",
        said(&unwritten)
    );

    let text = fs::read_to_string(folder.join("known.toml")).expect("written");
    // What is to be written yet is no hindrance to proposing it again.
    let again = pushspec(&folder, &["baseline", "write", "report.json"]);
    assert_eq!(status(&again), Some(0), "{}", said(&again));
    assert_eq!(String::from_utf8_lossy(&again.stdout), text);
    fs::write(
        folder.join("known.toml"),
        text.replace("reason = \"\"", "reason = \"issue 7\""),
    )
    .expect("written");
    let held = pushspec(&folder, &check);
    assert_eq!(status(&held), Some(0), "{}", said(&held));
    assert!(
        said(&held).ends_with("exit 0: the gate is met; 1 known failure still fails\n"),
        "{}",
        said(&held)
    );

    let mended = Served::start("close-empty-unanswered");
    check[1] = &mended.url;
    let stale = pushspec(&folder, &check);
    assert_eq!(status(&stale), Some(1), "{}", said(&stale));
    assert!(
        said(&stale).ends_with(
            "exit 1: known failure ws/ctl/ping-empty does not fail any more: take the entry away, or give it the `target` on which it still does\n"
        ),
        "{}",
        said(&stale)
    );
}

/// What made the gate red is proposed, and behind nothing that is proposed an entry can still be written.
#[test]
fn a_baseline_bears_the_warnings_that_fail_the_gate() {
    let folder = folder("baseline-warnings");
    let served = Served::start("accepts-short-key");
    let mut check = vec!["check", &served.url, "--report", "json=report.json"];
    check.extend(["--case", "ws/hs-neg/key-len-8"]);
    let write = ["baseline", "write", "report.json", "--reason", "issue 7"];
    assert_eq!(status(&pushspec(&folder, &check)), Some(0));
    let nothing = said(&pushspec(&folder, &write));
    assert!(!nothing.contains("known ="), "{nothing}");

    check.extend(["--fail-on", "warn"]);
    assert_eq!(status(&pushspec(&folder, &check)), Some(1));
    let proposed = said(&pushspec(&folder, &write));
    assert!(
        proposed.contains("case = \"ws/hs-neg/key-len-8\""),
        "{proposed}"
    );
}

#[test]
fn parts_that_are_merged_say_what_the_whole_says() {
    let folder = folder("parts");
    let served = Served::start("pong-none-for-empty");
    let run = |report: &str, more: &[&str]| {
        let mut args = vec!["check", &served.url, "--report", report];
        args.extend(FEW);
        args.extend(more);
        pushspec(&folder, &args)
    };
    run("json=whole.json", &[]);
    for part in 1..=3 {
        let (report, part) = (format!("json=part-{part}.json"), format!("hash:{part}/3"));
        run(&report, &["--partition", &part]);
    }
    let missing = pushspec(&folder, &["merge", "part-1.json", "part-3.json"]);
    assert_eq!(status(&missing), Some(2));
    assert!(
        said(&missing).contains("part hash:2/3 is missing"),
        "{}",
        said(&missing)
    );
    let args = [
        "merge",
        "part-3.json",
        "part-1.json",
        "part-2.json",
        "--report",
        "json=merged.json",
    ];
    let merged = pushspec(&folder, &args);
    assert_eq!(status(&merged), Some(1), "{}", said(&merged));
    let verdicts = |name: &str| -> Vec<(String, Verdict)> {
        let text = fs::read_to_string(folder.join(name)).expect("it was written");
        let results = json::read(&text).expect("a report").results;
        results
            .into_iter()
            .map(|result| (result.case, result.verdict))
            .collect()
    };
    assert_eq!(verdicts("merged.json"), verdicts("whole.json"));
    let args = ["diff", "whole.json", "merged.json"];
    let same = pushspec(&folder, &args);
    assert_eq!(
        (status(&same), said(&same).as_str()),
        (Some(0), "nothing changed\n")
    );
    // Another selection, under the same name.
    let less = ["--partition", "hash:2/3", "--case", "ws/close/empty"];
    run("json=less.json", &less);
    let other = pushspec(
        &folder,
        &["merge", "part-1.json", "less.json", "part-3.json"],
    );
    assert_eq!(status(&other), Some(2));
    assert!(
        said(&other).contains("different runs: the selection of cases is"),
        "{}",
        said(&other)
    );
}

#[test]
fn parts_are_judged_together_as_strictly_as_each_by_itself() {
    let folder = folder("strict-parts");
    let served = Served::start("accepts-any-key");
    for part in 1..=2 {
        let (report, part) = (format!("json=part-{part}.json"), format!("hash:{part}/2"));
        let args = [
            "check",
            &served.url,
            "--case",
            "ws/hs-neg/key-*",
            "--fail-on",
            "warn",
        ];
        let run = pushspec(
            &folder,
            &[&args[..], &["--partition", &part, "--report", &report]].concat(),
        );
        assert_eq!(status(&run), Some(1), "{}", said(&run));
    }
    let parts = ["merge", "part-1.json", "part-2.json"];
    let merged = pushspec(&folder, &parts);
    assert_eq!(status(&merged), Some(1), "{}", said(&merged));
    let mild = pushspec(&folder, &[&parts[..], &["--fail-on", "fail"]].concat());
    assert_eq!(status(&mild), Some(0), "{}", said(&mild));
}

#[test]
fn a_comparison_with_a_faulty_peer_names_the_planted_fault_and_nothing_else() {
    let folder = folder("comparison");
    for (fault, report) in [
        ("close-empty-unanswered", "json=old.json"),
        ("pong-none-for-empty", "json=new.json"),
    ] {
        let served = Served::start(fault);
        let mut args = vec!["check", &served.url, "--report", report];
        args.extend(FEW);
        pushspec(&folder, &args);
    }
    let worse = pushspec(&folder, &["diff", "old.json", "new.json"]);
    assert_eq!(status(&worse), Some(1));
    let told = said(&worse);
    let lines: Vec<&str> = told.lines().collect();
    match lines.as_slice() {
        [note, "1 worse", change] => {
            assert!(note.starts_with("note: target: ws://127.0.0.1:"), "{told}");
            assert!(
                change.starts_with("  ws/ctl/ping-empty  pass → fail  "),
                "{told}"
            );
        }
        _ => panic!("{told}"),
    }
    let better = pushspec(&folder, &["diff", "new.json", "old.json", "--markdown"]);
    assert_eq!(status(&better), Some(0));
    assert!(said(&better).contains("### 1 better"), "{}", said(&better));
    let site = pushspec(
        &folder,
        &["matrix", "old.json", "new.json", "--output", "site"],
    );
    assert_eq!(status(&site), Some(0), "{}", said(&site));
    let index = fs::read_to_string(folder.join("site/index.html")).expect("a page");
    assert!(index.contains("href=\"new.html#ws/ctl/ping-empty\""));
    assert!(folder.join("site/new.html").exists());
}

#[test]
fn cases_that_are_newer_than_a_frozen_catalogue_run_and_fail_no_gate() {
    let folder = folder("frozen");
    let served = Served::start("pong-none-for-empty");
    let run = |release: &str| {
        let mut args = vec![
            "check",
            &served.url,
            "--catalogue",
            release,
            "--report",
            "json=report.json",
        ];
        args.extend(FEW);
        pushspec(&folder, &args)
    };
    assert_eq!(status(&run("0.1")), Some(1));
    let older = run("0.0");
    assert_eq!(status(&older), Some(3), "{}", said(&older));
    assert!(
        said(&older).contains("newer than catalogue 0.0: not scored"),
        "{}",
        said(&older)
    );
    let text = fs::read_to_string(folder.join("report.json")).expect("it was written");
    let report = json::read(&text).expect("a report");
    assert_eq!(report.count(Verdict::Fail), 1, "it ran");
    assert!(report.results.iter().all(|result| !result.scored));
    // What a case that does not count provokes turns no check red either.
    let stale = Served::start("echo-stale-tail");
    let check = "ws/passive/text-utf8";
    let seen = |release: &str| {
        let cases = [
            "--case",
            check,
            "--case",
            "ws/utf8/*",
            "--case",
            "ws/frame/echo*",
        ];
        let args = [
            "check",
            &stale.url,
            "--catalogue",
            release,
            "--report",
            "json=seen.json",
        ];
        pushspec(&folder, &[&args[..], &cases].concat());
        let text = fs::read_to_string(folder.join("seen.json")).expect("it was written");
        let report = json::read(&text).expect("a report");
        report.result(check).expect("it was asked for").verdict
    };
    assert_eq!(seen("0.1"), Verdict::Fail);
    assert_ne!(seen("0.0"), Verdict::Fail);
    let later = run("9");
    assert_eq!(status(&later), Some(2), "{}", said(&later));
}
