//! Servers on loopback that speak just enough to be odd, each in its own thread until the process ends.

use crate::tls;
use rustls::{ServerConnection, StreamOwned};
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Listens on a free port and lets `behaviour` have each connection and its number; ends with the process.
pub(crate) fn serve(behaviour: impl Fn(TcpStream, usize) + Clone + Send + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    let count = Arc::new(AtomicUsize::new(0));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let number = count.fetch_add(1, Ordering::Relaxed);
            let behaviour = behaviour.clone();
            std::thread::spawn(move || behaviour(stream, number));
        }
    });
    port
}

/// Reads a request head.
pub(crate) fn head_of(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|count| count == 1) {
        head.push(byte[0]);
    }
    String::from_utf8_lossy(&head).into_owned()
}

/// Reads a request head and answers with `response`.
pub(crate) fn answer(mut stream: TcpStream, response: &[u8]) {
    head_of(&mut stream);
    respond(stream, response);
}

/// Answers with `response`, and leaves the connection open until the client closes it.
pub(crate) fn respond(mut stream: TcpStream, response: &[u8]) {
    let _ = stream.write_all(response);
    let _ = stream.read_to_end(&mut Vec::new());
}

/// The 101 that the request in `head` asks for.
pub(crate) fn accept(stream: TcpStream) -> TcpStream {
    accept_behind("", stream)
}

/// The same behind interim responses.
pub(crate) fn accept_behind(interim: &str, mut stream: TcpStream) -> TcpStream {
    let head = head_of(&mut stream);
    let key = head
        .lines()
        .find_map(|line| line.strip_prefix("Sec-WebSocket-Key: "))
        .unwrap_or_default();
    let accept = pushspec_parser::http::accept_value(key.as_bytes());
    let response = format!(
        "{interim}HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
    );
    let _ = stream.write_all(response.as_bytes());
    stream
}

/// Echoes frames of up to 125 bytes, whatever they are, without judging them: a server that speaks just enough.
pub(crate) fn echo(mut stream: TcpStream) {
    while let Some(frame) = answer_to_frame(&mut stream) {
        let _ = stream.write_all(&frame);
        if frame[0] == 0x88 {
            return;
        }
    }
}

/// Reads a frame and gives the one that [`echo`] answers it by.
pub(crate) fn answer_to_frame(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut header = [0; 6];
    stream.read_exact(&mut header).ok()?;
    let mut payload = vec![0; usize::from(header[1] & 0x7f)];
    if header[1] & 0x7f > 125 {
        return None;
    }
    stream.read_exact(&mut payload).ok()?;
    for (index, byte) in payload.iter_mut().enumerate() {
        *byte ^= header[2 + index % 4];
    }
    let opcode = if header[0] == 0x89 { 0x8a } else { header[0] };
    Some([&[opcode, payload.len() as u8], payload.as_slice()].concat())
}

/// A TLS server whose certificate nobody vouches for.
pub(crate) fn serve_tls() -> u16 {
    let (config, _) = tls::server();
    let listener = TcpListener::bind("localhost:0").expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let session = ServerConnection::new(Arc::clone(&config)).expect("a session");
            std::thread::spawn(move || {
                StreamOwned::new(session, stream).read_to_end(&mut Vec::new())
            });
        }
    });
    port
}
