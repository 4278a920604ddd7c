//! The closed vocabularies of the data: level, role, basis and so on.
//!
//! Each is an enum whose words are exactly those of the TOML files. This file knows words, not
//! requirements: nothing here reads a file or names a document.

use std::fmt;

use serde::{Serialize, Serializer};

/// Declares an enum over a closed list of words, written and serialised as these words.
macro_rules! vocabulary {
    (
        $(#[$about:meta])*
        $name:ident {
            $($(#[$meaning:meta])* $variant:ident = $word:literal),+ $(,)?
        }
    ) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name {
            $($(#[$meaning])* $variant),+
        }

        impl $name {
            /// Every value, in the order of declaration.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Every word, in the order of [`Self::ALL`].
            pub(crate) const WORDS: &[&str] = &[$($word),+];

            /// The word that the data and the reports use.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }

            /// The value of a word; `None` if the word is not in the vocabulary.
            pub fn from_word(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    };
}

vocabulary! {
    /// What the documents say of an outcome where they are ambiguous.
    ///
    /// ```
    /// use pushspec_spec::Leave;
    ///
    /// assert_eq!(Leave::from_word("doubtful"), Some(Leave::Doubtful));
    /// ```
    Leave {
        /// Legal: passes, or is recorded.
        Permitted = "permitted",
        /// Wrong in one reading: warns at most.
        Doubtful = "doubtful",
        /// Wrong in every reading.
        Forbidden = "forbidden",
    }
}

vocabulary! {
    /// How strongly a document asks for something (RFC 2119).
    ///
    /// ```
    /// use pushspec_spec::Level;
    ///
    /// assert_eq!(Level::from_word("SHOULD NOT"), Some(Level::ShouldNot));
    /// assert_eq!(Level::MustNot.to_string(), "MUST NOT");
    /// ```
    Level {
        /// Required.
        Must = "MUST",
        /// Forbidden.
        MustNot = "MUST NOT",
        /// Asked for; good reasons may excuse it.
        Should = "SHOULD",
        /// Advised against; good reasons may excuse it.
        ShouldNot = "SHOULD NOT",
        /// Left open: neither doing it nor leaving it is wrong.
        May = "MAY",
    }
}

impl Level {
    /// Whether the level leaves no choice: MUST or MUST NOT.
    ///
    /// ```
    /// use pushspec_spec::Level;
    ///
    /// assert!(Level::MustNot.is_absolute());
    /// assert!(!Level::Should.is_absolute());
    /// ```
    pub fn is_absolute(self) -> bool {
        matches!(self, Self::Must | Self::MustNot)
    }
}

vocabulary! {
    /// Who owes the duty.
    ///
    /// ```
    /// use pushspec_spec::Role;
    ///
    /// assert!(Role::Both.covers(Role::Server));
    /// assert!(!Role::Both.covers(Role::Intermediary));
    /// ```
    Role {
        /// The side that answers the opening handshake, or sends the event stream.
        Server = "server",
        /// The side that asks.
        Client = "client",
        /// Servers and clients alike.
        Both = "both",
        /// A proxy, gateway or other box between them.
        Intermediary = "intermediary",
    }
}

impl Role {
    /// Whether a duty of this role binds `other` too: each role binds itself, and [`Role::Both`] binds
    /// servers and clients.
    ///
    /// ```
    /// use pushspec_spec::Role;
    ///
    /// assert!(Role::Server.covers(Role::Server));
    /// assert!(!Role::Client.covers(Role::Server));
    /// ```
    pub fn covers(self, other: Self) -> bool {
        self == other || (self == Self::Both && matches!(other, Self::Server | Self::Client))
    }
}

vocabulary! {
    /// What the duty rests on.
    ///
    /// ```
    /// use pushspec_spec::{Basis, catalogue};
    ///
    /// let stray = catalogue().get("rfc6455/5.4/continuation-without-start").unwrap();
    /// assert_eq!(stray.basis, Basis::Derived);
    /// ```
    Basis {
        /// The document says it with a requirement keyword, or as a step of an algorithm that must be
        /// followed.
        Explicit = "explicit",
        /// It follows from a definition, a grammar, a plain statement, or several rules together.
        Derived = "derived",
        /// Implementations, registries or operators agree on it; no clause demands it.
        Consensus = "consensus",
        /// Recommended practice; nobody is wrong who does otherwise.
        Advice = "advice",
    }
}

vocabulary! {
    /// Whether a test at the other end of the wire can see the duty kept or broken.
    ///
    /// ```
    /// use pushspec_spec::Observable;
    ///
    /// assert_eq!(Observable::from_word("partly"), Some(Observable::Partly));
    /// ```
    Observable {
        /// Seen from outside without further help.
        Yes = "yes",
        /// Seen only with cooperation, a declaration, or some doubt.
        Partly = "partly",
        /// Not seen from outside the one who owes it.
        No = "no",
    }
}

vocabulary! {
    /// What a target must offer before the duty can be tested.
    ///
    /// ```
    /// use pushspec_spec::{Need, catalogue};
    ///
    /// let rule = catalogue().get("rfc6455/5.5.2/pong-required").unwrap();
    /// assert_eq!(rule.needs, [Need::Open]);
    /// ```
    Need {
        /// A WebSocket endpoint that answers 101.
        Open = "open",
        /// A WebSocket endpoint that returns each message once, unchanged and in order.
        Echo = "echo",
        /// A WebSocket endpoint that sends and closes on request.
        Command = "command",
        /// An event stream.
        Sse = "sse",
        /// An event stream whose content the request scripts.
        Script = "script",
        /// TLS.
        Tls = "tls",
        /// HTTP/2.
        H2 = "h2",
        /// HTTP/3.
        H3 = "h3",
        /// Facts about the target that only its owner can state.
        Declared = "declared",
        /// An intermediary under test, with the tester on both sides of it.
        Proxy = "proxy",
        /// A client under test, driven by a harness, with the tester as its server.
        Client = "client",
    }
}

vocabulary! {
    /// Whether the row was held against the text of its document.
    ///
    /// ```
    /// use pushspec_spec::{Verified, catalogue};
    ///
    /// let practice = catalogue().get("sse/x/cache-control").unwrap();
    /// assert_eq!(practice.verified, Verified::Knowledge);
    /// ```
    Verified {
        /// Checked against the document.
        Text = "text",
        /// Written from knowledge; there is no text, or it was not read.
        Knowledge = "knowledge",
    }
}
