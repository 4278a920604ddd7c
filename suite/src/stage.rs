//! What a case's drive gets to work with: connections to the target, waits, and seeded randomness.

use crate::declared::Declared;
use crate::http::Everyday;
use crate::link::Link;
use crate::operator::Operator;
use crate::post::Post;
use crate::secrets::Secrets;
use crate::target::{Target, secrets_of_query};
use crate::timing::Timing;
use crate::transcript::{Recorder, Transcript};
use crate::transport::{Tcp, Tls, TlsError, Transport, Trust};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use tokio::time::Instant;

/// A further URL of the target, which may lie on another host.
#[derive(Clone)]
pub struct Endpoint {
    /// The URL.
    pub target: Arc<Target>,
    /// How it is reached.
    pub transport: Arc<dyn Transport>,
}

/// What all cases of a run share.
#[derive(Clone)]
pub struct Setting {
    /// The target.
    pub target: Arc<Target>,
    /// How it is reached.
    pub transport: Arc<dyn Transport>,
    /// Where the target obeys commands: `--command`.
    pub command: Option<Endpoint>,
    /// Who can stop the target and start it again: `--start`.
    pub operator: Option<Arc<dyn Operator>>,
    /// Where the target plays scripts: `--script`.
    pub script: Option<Endpoint>,
    /// How long to wait for what.
    pub timing: Timing,
    /// What the user stated.
    pub declared: Arc<Declared>,
    /// The same seed: the same bytes.
    pub seed: u64,
    /// Flags that the command to run a case again has to repeat, each behind a blank: without them it would say something
    /// else. No secret may stand in them.
    pub flags: String,
    /// Whether the target was seen to hang up on clients for whom it has no room. The probe of a run finds out.
    pub hangs_up_when_full: bool,
}

impl Endpoint {
    /// An endpoint over TCP or TLS, as its URL says.
    ///
    /// # Errors
    /// Where TLS cannot be set up. A name that does not resolve is no error here: every connection attempt says so.
    pub async fn over_network(
        target: Target,
        timing: Timing,
        trust: &Trust,
    ) -> Result<Self, TlsError> {
        let tcp = Arc::new(Tcp::resolve(&target.host, target.port, timing.patience).await);
        let transport: Arc<dyn Transport> = match target.tls {
            true => Arc::new(Tls::new(tcp, &target.host, trust)?),
            false => tcp,
        };
        Ok(Self {
            target: Arc::new(target),
            transport,
        })
    }
}

impl Setting {
    /// A setting over TCP or TLS, as the target's URL says.
    ///
    /// # Errors
    /// Where TLS cannot be set up. A name that does not resolve is no error here: every connection attempt says so.
    pub async fn over_network(
        target: Target,
        timing: Timing,
        declared: Declared,
        seed: u64,
        trust: &Trust,
    ) -> Result<Self, TlsError> {
        let Endpoint { target, transport } = Endpoint::over_network(target, timing, trust).await?;
        Ok(Self {
            target,
            transport,
            command: None,
            operator: None,
            script: None,
            timing,
            declared: Arc::new(declared),
            seed,
            flags: String::new(),
            hangs_up_when_full: false,
        })
    }

    /// The target as an endpoint.
    pub fn endpoint(&self) -> Endpoint {
        Endpoint {
            target: Arc::clone(&self.target),
            transport: Arc::clone(&self.transport),
        }
    }

    /// What must never be shown: what the target's URLs hide, the queries of declared paths, the fields that the user
    /// declared, and what is posted.
    pub(crate) fn secrets(&self) -> Secrets {
        let endpoints = self.command.iter().chain(&self.script);
        let endpoints = endpoints.map(|endpoint| &endpoint.target);
        let urls = std::iter::once(&self.target).chain(endpoints);
        let values = urls.flat_map(|target| target.secrets().iter().cloned());
        let Declared {
            headers,
            protected_path,
            redirecting_path,
            post,
            ..
        } = &*self.declared;
        let queries = protected_path.iter().chain(redirecting_path);
        let queries = queries.filter_map(|path| path.split_once('?'));
        let queried = queries.flat_map(|(_, query)| secrets_of_query(query));
        let posted = post.iter().flat_map(Post::secrets);
        let values: Vec<String> = values.chain(queried).chain(posted).collect();
        // What two fields say stands in every other message.
        let public = |name: &str| {
            ["accept", "content-type"]
                .iter()
                .any(|it| name.eq_ignore_ascii_case(it))
        };
        let fields = headers.iter().filter(|(name, _)| !public(name));
        let fields = fields.map(|(_, value)| value.as_str());
        let body = post.as_ref().map(|post| post.body.clone());
        Secrets::of(values.iter().map(String::as_str), fields).with_body(body)
    }
}

/// One case's stage.
pub struct Stage {
    /// What all cases of the run share.
    pub setting: Setting,
    case: String,
    weight: usize,
    recorder: Recorder,
    began: Instant,
}

impl Stage {
    /// Sets the stage for a case; its clock starts now.
    pub fn new(setting: Setting, case: &str, weight: usize) -> Self {
        Self {
            setting,
            case: case.into(),
            weight,
            recorder: Recorder::default(),
            began: Instant::now(),
        }
    }

    /// Opens a connection to the target. `label` says in reports what it is for; it is unique within the case.
    pub async fn connect(&self, label: &'static str) -> Link {
        self.connect_over(&*self.setting.transport, label).await
    }

    /// Opens a connection over another transport than the target's.
    pub async fn connect_over(&self, transport: &dyn Transport, label: &'static str) -> Link {
        Link::connect(
            transport,
            &self.recorder,
            label,
            self.began,
            self.setting.timing.patience,
            self.weight,
        )
        .await
    }

    /// A client of the field for this endpoint, with a jar of cookies; what it tells is recorded.
    ///
    /// # Errors
    /// Where it cannot be set up.
    pub fn everyday(&self, endpoint: &Endpoint) -> Result<Everyday, String> {
        Everyday::new(
            endpoint,
            &self.setting.declared,
            self.recorder.clone(),
            self.began,
            self.setting.timing.patience,
            self.weight,
        )
    }

    /// The same stage with a record of its own, for what is tried and is not to be judged: no report shows it, and no passive
    /// check sees it.
    pub fn apart(&self) -> Self {
        Self {
            setting: self.setting.clone(),
            case: self.case.clone(),
            weight: self.weight,
            recorder: Recorder::default(),
            began: self.began,
        }
    }

    /// Randomness that depends on the run's seed, the case and `purpose`, and on nothing else: neither on what ran
    /// before nor on what runs beside.
    pub fn random(&self, purpose: &str) -> ChaCha8Rng {
        let mut hash = Sha256::new();
        hash.update(self.setting.seed.to_be_bytes());
        hash.update(self.case.as_bytes());
        hash.update([0]);
        hash.update(purpose.as_bytes());
        ChaCha8Rng::from_seed(hash.finalize().into())
    }

    /// What was recorded so far.
    pub fn transcript(&self) -> Transcript {
        self.recorder.transcript()
    }

    /// The recorder, which outlives a drive that is cut off.
    pub fn recorder(&self) -> Recorder {
        self.recorder.clone()
    }
}
