//! Completions, man pages, and the names under which releases are found.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

fn pushspec(args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_pushspec"))
        .args(args)
        .output()
        .expect("the binary runs");
    assert!(output.status.success(), "{args:?}");
    String::from_utf8(output.stdout).expect("text")
}

/// The subcommands, as the help lists them.
fn subcommands() -> Vec<String> {
    let help = pushspec(&["--help"]);
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let commands = commands.take_while(|line| !line.is_empty());
    let words = commands.filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    words
        .filter(|word| !word.is_empty() && *word != "help")
        .map(str::to_owned)
        .collect()
}

#[test]
fn each_shell_completes_each_subcommand() {
    let subcommands = subcommands();
    assert!(subcommands.len() > 10, "{subcommands:?}");
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = pushspec(&["completions", shell]);
        for subcommand in &subcommands {
            assert!(script.contains(subcommand), "{shell}: {subcommand}");
        }
        assert!(script.contains("max-inconclusive"), "{shell}");
    }
}

#[test]
fn each_subcommand_has_a_page() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("man");
    let _ = fs::remove_dir_all(&folder);
    pushspec(&["man", folder.to_str().expect("UTF-8")]);
    let pages: BTreeSet<String> = fs::read_dir(&folder)
        .expect("a folder")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    for subcommand in subcommands() {
        assert!(
            pages.contains(&format!("pushspec-{subcommand}.1")),
            "{pages:?}"
        );
    }
    let page = fs::read_to_string(folder.join("pushspec-check.1")).expect("a page");
    assert!(
        page.contains(".TH") && page.contains("max\\-inconclusive"),
        "{page}"
    );
}

/// `cargo binstall` looks for what the release workflow packs.
#[test]
fn releases_are_found_under_the_names_that_they_are_packed_by() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| fs::read_to_string(root.join(path)).expect(path);
    let manifest: toml::Table = read("Cargo.toml").parse().expect("TOML");
    let binstall = &manifest["package"]["metadata"]["binstall"];
    let filled = |key: &str| {
        let template = binstall[key].as_str().expect("text");
        let values = [
            ("{ name }", "pushspec"),
            ("{ version }", "$version"),
            ("{ target }", "$target"),
            ("{ bin }", "pushspec"),
            ("{ binary-ext }", ""),
        ];
        values
            .iter()
            .fold(template.to_owned(), |text, (name, value)| {
                text.replace(name, value)
            })
    };
    assert!(filled("pkg-url").ends_with("/v$version/pushspec-$version-$target.tar.gz"));
    assert_eq!(filled("bin-dir"), "pushspec-$version-$target/pushspec");
    let script = read("../packaging/archive.sh");
    assert!(
        script.contains("\nname=pushspec-$version-$target\n"),
        "{script}"
    );
    assert!(script.contains("\"$folder/$name.tar.gz\""), "{script}");
    let workflow = read("../packaging/release.yml");
    assert!(workflow.contains("packaging/archive.sh") && workflow.contains("\"v*\""));
}
