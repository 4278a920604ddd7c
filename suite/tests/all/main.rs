//! Tests of the suite as a whole: the matrix of faults and cases.

mod bench;
mod catalogue;
mod crowd;
mod handshake_judges;
mod launch;
mod loopback;
mod matrix;
mod no_stream;
mod pings;
mod repeat;
mod report_files;
mod secrets;
mod situations;
mod tls;
