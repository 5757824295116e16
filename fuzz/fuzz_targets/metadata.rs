//! Metadata of certificates: what can be set is read as it was set, here and by czmq; and
//! whatever pyzmq writes around the keys, they are read.

#![no_main]

use std::ffi::{c_char, c_void, CStr, CString};

use libfuzzer_sys::fuzz_target;
use zmq::auth::Certificate;
use zmq::fuzzing::{certificate, public_text};
use zmq_fuzz::{frames, pairs};

#[link(name = "czmq")]
extern "C" {
    fn zconfig_str_load(text: *const c_char) -> *mut c_void;
    fn zconfig_get(root: *mut c_void, path: *const c_char, none: *const c_char) -> *const c_char;
    fn zconfig_destroy(root: *mut *mut c_void);
}

fuzz_target!(|bytes: &[u8]| {
    let frames = frames(bytes);
    let entries = pairs(&frames);
    let mut ours = Certificate::from_public_key([7; 32]);
    let mut set = Vec::<(&str, &str)>::new();
    for &(name, value) in &entries {
        if ours.set_metadata(name, value).is_ok() {
            match set.iter_mut().find(|entry| entry.0 == name) {
                Some(entry) => entry.1 = value,
                None => set.push((name, value)),
            }
        }
    }
    let text = public_text(&ours).unwrap();
    let again = certificate(text.as_bytes()).unwrap();
    assert!(again.metadata().eq(set.iter().copied()));
    assert_eq!(again.public_key(), &[7; 32]);

    let czmq = Czmq::load(&text);
    for (name, value) in set {
        // To czmq, a name with `/` inside is a path, and its lines are none.
        if !name.contains('/') {
            assert_eq!(czmq.get(&format!("metadata/{name}")), value.as_bytes());
        }
    }
    assert_eq!(
        czmq.get("curve/public-key"),
        ours.public_key_z85().as_bytes()
    );
    of_pyzmq(&entries);
});

/// What pyzmq's `create_certificates` writes.
fn of_pyzmq(entries: &[(&str, &str)]) {
    let mut text = String::from("metadata\n");
    for (name, value) in entries {
        if !name.contains('\n') && !value.contains('\n') {
            text += &format!("    {name} = {value}\n");
        }
    }
    let key = Certificate::from_public_key([7; 32]).public_key_z85();
    text += &format!("curve\n    public-key = \"{key}\"\n");
    let read = certificate(text.as_bytes()).unwrap();
    assert_eq!(read.public_key(), &[7; 32]);
}

/// A file as czmq reads it.
struct Czmq(*mut c_void);

impl Czmq {
    fn load(text: &str) -> Czmq {
        let text = CString::new(text).unwrap();
        // SAFETY: the text ends in a NUL.
        let root = unsafe { zconfig_str_load(text.as_ptr()) };
        assert!(!root.is_null());
        Czmq(root)
    }

    fn get(&self, path: &str) -> &[u8] {
        let path = CString::new(path).unwrap();
        // SAFETY: this is what was loaded; what it finds belongs to that, or is the
        // static text.
        unsafe { CStr::from_ptr(zconfig_get(self.0, path.as_ptr(), c"none".as_ptr())).to_bytes() }
    }
}

impl Drop for Czmq {
    fn drop(&mut self) {
        // SAFETY: it was loaded, and nobody has it any more.
        unsafe { zconfig_destroy(&mut self.0) }
    }
}
