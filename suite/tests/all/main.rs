//! Tests of the suite as a whole: the matrix of faults and cases.

mod bench;
mod catalogue;
mod command;
mod comparison;
mod coverage;
mod crowd;
mod gate;
mod handshake_judges;
mod launch;
mod loopback;
mod matrix;
mod no_stream;
mod odd_targets;
mod packaging;
mod pings;
mod posted;
mod properties;
mod repeat;
mod report_files;
mod secrets;
mod served;
mod situations;
mod stub;
mod tls;
mod usage;
