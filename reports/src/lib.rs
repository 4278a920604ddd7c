//! Verdict, evidence, report; renderers; the gate.
