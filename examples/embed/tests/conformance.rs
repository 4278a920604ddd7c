//! One trial for each case of pushspec: `cargo test`, or `cargo nextest run`.

fn main() -> std::process::ExitCode {
    pushspec::harness(pushspec::Protocol::WebSocket, embed::start)
        .known_to_fail("ws/hs/connection-list-tabs", "options are split at comma and blank, tabs stay")
        .known_to_fail("ws/hs/connection-list-two-lines", "only the first Connection line is read")
        .known_to_fail("ws/hs-neg/no-host", "Host is not looked at")
        .known_to_fail("ws/hs-neg/host-dup-same", "Host is not looked at")
        .known_to_fail("ws/hs-neg/host-dup-different", "Host is not looked at")
        .run()
}
