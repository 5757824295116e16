//! CURVE keys.

mod common;

use std::error::Error as _;
use std::mem::{needs_drop, MaybeUninit};
use std::ptr::addr_of;

use common::{bind_tcp, timed};
use zmq::{z85_decode, Context, CurveKeyError, CurveKeyPair, DecodeError, Error, Rep, Req};

/// The client's keys of the test case in libzmq's manual, zmq_curve(7).
const PUBLIC: &str = "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID";
const SECRET: &str = "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs";

/// Whether there is CURVE; without it, keys are refused.
fn has_curve() -> bool {
    let has = zmq::has("curve") == Some(true);
    if !has {
        assert_eq!(CurveKeyPair::new().err(), Some(Error::ENOTSUP));
        let derived = CurveKeyPair::from_secret_key([1; 32]);
        assert_eq!(derived.err(), Some(Error::ENOTSUP));
    }
    has
}

#[test]
fn pairs_encrypt_a_connection() {
    if !has_curve() {
        return;
    }
    timed(|| {
        let context = Context::new();
        let server_keys = CurveKeyPair::new().unwrap();
        let client_keys = CurveKeyPair::from_secret_key([7; 32]).unwrap();

        let server = context.socket(Rep).unwrap();
        server.set_curve_server(true).unwrap();
        server.set_curve_secretkey(&server_keys.secret_key).unwrap();
        let endpoint = bind_tcp(&server);

        let client = context.socket(Req).unwrap();
        let key = server_keys.public_key_z85();
        client.set_curve_serverkey(key.as_bytes()).unwrap();
        client.set_curve_publickey(&client_keys.public_key).unwrap();
        client.set_curve_secretkey(&client_keys.secret_key).unwrap();
        client.connect(&endpoint).unwrap();

        client.send("question", 0).unwrap();
        assert_eq!(server.recv_bytes(0).unwrap(), b"question");
        server.send("answer", 0).unwrap();
        assert_eq!(client.recv_bytes(0).unwrap(), b"answer");
        assert_eq!(client.get_mechanism(), Ok(zmq::Mechanism::ZMQ_CURVE));
    });
}

#[test]
fn a_secret_key_has_one_public_key() {
    if !has_curve() {
        return;
    }
    let (one, other) = (CurveKeyPair::new().unwrap(), CurveKeyPair::new().unwrap());
    assert_ne!(one.public_key, other.public_key);
    assert_ne!(one.secret_key, other.secret_key);
    for pair in [one, other] {
        let again = CurveKeyPair::from_secret_key(pair.secret_key).unwrap();
        assert_eq!(again.public_key, pair.public_key);
        assert_eq!(again.secret_key, pair.secret_key);
    }

    let key = |text| <[u8; 32]>::try_from(z85_decode(text).unwrap()).unwrap();
    let pair = CurveKeyPair::from_secret_key(key(SECRET)).unwrap();
    assert_eq!(pair.public_key_z85(), PUBLIC);
    assert_eq!(*pair.secret_key_z85(), SECRET);

    let pair = CurveKeyPair::from_secret_z85(SECRET).unwrap();
    assert_eq!(pair.public_key, key(PUBLIC));
    assert_eq!(pair.secret_key, key(SECRET));

    let other = CurveKeyPair::new().unwrap().public_key_z85();
    let error = CurveKeyPair::from_z85(&other, SECRET).unwrap_err();
    assert_eq!(error, CurveKeyError::Mismatch);
}

/// With CURVE or without.
#[test]
fn keys_are_read_from_text() {
    let pair = CurveKeyPair::from_z85(PUBLIC, SECRET).unwrap();
    assert_eq!(pair.public_key_z85(), PUBLIC);
    assert_eq!(*pair.secret_key_z85(), SECRET);
    assert_eq!(CurveKeyPair::decode_key(PUBLIC), Ok(pair.public_key));

    let long = format!("{PUBLIC} ");
    for (text, length) in [("", 0), (&PUBLIC[1..], 39), (&long, 41), ("ää", 2)] {
        let error = CurveKeyPair::decode_key(text).unwrap_err();
        assert_eq!(error, CurveKeyError::Length(length));
        let of_secret = CurveKeyPair::from_z85(PUBLIC, text).unwrap_err();
        assert_eq!(of_secret, error);
    }
    let error = CurveKeyPair::decode_key(&PUBLIC.replace('@', "~")).unwrap_err();
    let reason = DecodeError::BadCharacter {
        character: '~',
        position: 3,
    };
    assert_eq!(error, CurveKeyError::Z85(reason.clone()));
    assert_eq!(error.source().unwrap().to_string(), reason.to_string());
    assert!(error.to_string().contains("'~'"), "{error}");
}

/// With CURVE or without.
#[test]
fn errors_do_not_tell_the_secret_key() {
    let wrong = [
        (SECRET.replace('Q', "~"), 3),
        (SECRET.replace('Q', "\0"), 3),
        (SECRET.replace('Q', "ä"), 3),
        // More than 4 bytes can hold.
        (SECRET.replace("IlAW!", "#####"), 5),
    ];
    for (secret, position) in wrong {
        let errors = [
            CurveKeyPair::from_z85(PUBLIC, &secret).unwrap_err(),
            CurveKeyPair::from_secret_z85(&secret).unwrap_err(),
        ];
        for error in errors {
            assert_eq!(error, CurveKeyError::SecretZ85 { position });
            assert!(error.source().is_none());
            let shown = format!("{error} {error:?}");
            for character in ['~', 'ä', '\0', '#'] {
                assert!(!shown.contains(character), "{shown}");
            }
        }
    }
}

/// With CURVE or without.
#[test]
fn the_secret_key_is_wiped() {
    assert!(needs_drop::<CurveKeyPair>());
    let mut place = MaybeUninit::new(CurveKeyPair {
        public_key: [0x55; 32],
        secret_key: [0x77; 32],
    });
    // SAFETY: there is a pair, and nobody uses it after this.
    unsafe { place.assume_init_drop() };
    let dropped = place.as_ptr();
    // SAFETY: it is no pair any more, but its memory still is ours, and all of it
    // has been written.
    let (public, secret) = unsafe {
        (
            addr_of!((*dropped).public_key).read(),
            addr_of!((*dropped).secret_key).read(),
        )
    };
    assert_eq!(public, [0x55; 32]);
    assert_eq!(secret, [0; 32]);
}

/// With CURVE or without.
#[test]
fn the_secret_key_is_not_shown() {
    let pair = CurveKeyPair {
        public_key: [0; 32],
        secret_key: [0x77; 32],
    };
    let shown = format!("{pair:?} {pair:#?}");
    assert!(shown.contains(&pair.public_key_z85()), "{shown}");
    assert!(!shown.contains("secret"), "{shown}");
    assert!(!shown.contains(&*pair.secret_key_z85()), "{shown}");
    assert!(!shown.contains("119"), "{shown}");
}
