//! Who may connect: certificates, which are files of CURVE keys, and folders of
//! them.

mod certificate;
mod store;
mod zpl;

pub use certificate::{
    Certificate, CertificateError, CertificateProblem, CertificateWarning, MetadataProblem,
};
pub use store::CertificateStore;
