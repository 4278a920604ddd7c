//! The documents whose duties are listed: title, id prefix, file, address.
//!
//! This file knows where each document lives and how its ids begin. It knows no requirement and reads
//! no file; `catalogue.rs` embeds them.

use std::fmt;

use serde::{Serialize, Serializer};

/// A document that requirements come from.
///
/// ```
/// use pushspec_spec::Document;
///
/// assert_eq!(Document::Rfc6455.title(), "RFC 6455");
/// assert_eq!(Document::WhatwgHtml.prefix(), "sse");
/// assert_eq!(Document::from_title("RFC 6455"), Some(Document::Rfc6455));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Document {
    /// The WebSocket Protocol.
    Rfc6455,
    /// Compression Extensions for WebSocket (permessage-deflate).
    Rfc7692,
    /// Bootstrapping WebSockets with HTTP/2.
    Rfc8441,
    /// Bootstrapping WebSockets with HTTP/3.
    Rfc9220,
    /// Known Issues and Best Practices for the Use of Long Polling and Streaming in Bidirectional HTTP.
    Rfc6202,
    /// Clarifying Registry Procedures for the WebSocket Subprotocol Name Registry.
    Rfc7936,
    /// Well-Known URIs for the WebSocket Protocol.
    Rfc8307,
    /// HTTP Semantics.
    Rfc9110,
    /// HTTP/1.1.
    Rfc9112,
    /// HTTP/2.
    Rfc9113,
    /// HTTP/3.
    Rfc9114,
    /// The HTML standard: 9.2 Server-sent events and 17.7 `text/event-stream`.
    WhatwgHtml,
    /// The Fetch standard.
    WhatwgFetch,
    /// The WebSockets standard, which is the browser's interface.
    WhatwgWebsockets,
    /// The WebSocket registries of IANA.
    Iana,
}

/// Everything that is constant about one document.
struct Entry {
    title: &'static str,
    name: &'static str,
    prefix: &'static str,
    file: &'static str,
    url: &'static str,
    link_base: &'static str,
}

/// The entry of an RFC, all of whose addresses follow from its number.
macro_rules! rfc {
    ($number:literal, $name:literal) => {
        Entry {
            title: concat!("RFC ", $number),
            name: $name,
            prefix: concat!("rfc", $number),
            file: concat!("rfc", $number, ".toml"),
            url: concat!("https://www.rfc-editor.org/rfc/rfc", $number),
            link_base: concat!("https://www.rfc-editor.org/rfc/rfc", $number, "#section-"),
        }
    };
}

impl Document {
    /// Every document, in the order of the catalogue.
    pub const ALL: &[Self] = &[
        Self::Rfc6455,
        Self::Rfc7692,
        Self::Rfc8441,
        Self::Rfc9220,
        Self::Rfc6202,
        Self::Rfc7936,
        Self::Rfc8307,
        Self::Rfc9110,
        Self::Rfc9112,
        Self::Rfc9113,
        Self::Rfc9114,
        Self::WhatwgHtml,
        Self::WhatwgFetch,
        Self::WhatwgWebsockets,
        Self::Iana,
    ];

    /// The short title that citations use, such as `RFC 6455`.
    pub fn title(self) -> &'static str {
        self.entry().title
    }

    /// The document's own name, such as `The WebSocket Protocol`.
    ///
    /// ```
    /// use pushspec_spec::Document;
    ///
    /// assert_eq!(Document::Rfc9112.name(), "HTTP/1.1");
    /// ```
    pub fn name(self) -> &'static str {
        self.entry().name
    }

    /// The first segment of the ids of its requirements. It is `sse` for the HTML standard and `ws-api`
    /// for the WebSockets standard; elsewhere it is the document's own short name.
    pub fn prefix(self) -> &'static str {
        self.entry().prefix
    }

    /// The name of its data file, such as `rfc6455.toml`.
    ///
    /// ```
    /// use pushspec_spec::Document;
    ///
    /// assert_eq!(Document::Iana.file(), "iana.toml");
    /// ```
    pub fn file(self) -> &'static str {
        self.entry().file
    }

    /// Where the document is to be read.
    ///
    /// ```
    /// use pushspec_spec::Document;
    ///
    /// assert_eq!(Document::Rfc7692.url(), "https://www.rfc-editor.org/rfc/rfc7692");
    /// ```
    pub fn url(self) -> &'static str {
        self.entry().url
    }

    /// The document of a title; `None` if no document is called so.
    pub fn from_title(title: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|document| document.title() == title)
    }

    /// Whether links name their section by number: those of RFCs do.
    pub(crate) fn links_by_number(self) -> bool {
        self.link_base().ends_with("#section-")
    }

    /// What every link into the document begins with.
    pub(crate) fn link_base(self) -> &'static str {
        self.entry().link_base
    }

    fn entry(self) -> Entry {
        match self {
            Self::Rfc6455 => rfc!("6455", "The WebSocket Protocol"),
            Self::Rfc7692 => rfc!("7692", "Compression Extensions for WebSocket"),
            Self::Rfc8441 => rfc!("8441", "Bootstrapping WebSockets with HTTP/2"),
            Self::Rfc9220 => rfc!("9220", "Bootstrapping WebSockets with HTTP/3"),
            Self::Rfc6202 => rfc!(
                "6202",
                "Known Issues and Best Practices for the Use of Long Polling and Streaming in Bidirectional HTTP"
            ),
            Self::Rfc7936 => rfc!(
                "7936",
                "Clarifying Registry Procedures for the WebSocket Subprotocol Name Registry"
            ),
            Self::Rfc8307 => rfc!("8307", "Well-Known URIs for the WebSocket Protocol"),
            Self::Rfc9110 => rfc!("9110", "HTTP Semantics"),
            Self::Rfc9112 => rfc!("9112", "HTTP/1.1"),
            Self::Rfc9113 => rfc!("9113", "HTTP/2"),
            Self::Rfc9114 => rfc!("9114", "HTTP/3"),
            Self::WhatwgHtml => Entry {
                title: "WHATWG HTML",
                name: "HTML, a living standard",
                prefix: "sse",
                file: "whatwg-html.toml",
                url: "https://html.spec.whatwg.org/multipage/server-sent-events.html",
                link_base: "https://html.spec.whatwg.org/multipage/",
            },
            Self::WhatwgFetch => Entry {
                title: "WHATWG Fetch",
                name: "Fetch, a living standard",
                prefix: "fetch",
                file: "whatwg-fetch.toml",
                url: "https://fetch.spec.whatwg.org/",
                link_base: "https://fetch.spec.whatwg.org/#",
            },
            Self::WhatwgWebsockets => Entry {
                title: "WHATWG WebSockets",
                name: "WebSockets, a living standard",
                prefix: "ws-api",
                file: "whatwg-websockets.toml",
                url: "https://websockets.spec.whatwg.org/",
                link_base: "https://websockets.spec.whatwg.org/#",
            },
            Self::Iana => Entry {
                title: "IANA WebSocket",
                name: "WebSocket Protocol Registries",
                prefix: "iana",
                file: "iana.toml",
                url: "https://www.iana.org/assignments/websocket/websocket.xhtml",
                link_base: "https://www.iana.org/assignments/websocket/websocket.xhtml#",
            },
        }
    }
}

impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.title())
    }
}

impl Serialize for Document {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.title())
    }
}
