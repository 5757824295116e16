//! Last value cache. A subscriber hears what is published from now on; if a topic has news
//! once an hour, it waits up to an hour for the first. A cache between the publishers and
//! the subscribers helps: it passes on everything, remembers the last message on each topic,
//! and sends that again whenever somebody subscribes.
//!
//! To see subscriptions it publishes by an XPUB, which receives each as a message: a byte 1
//! and the topic. XPUB keeps to itself what another has subscribed to already; `xpub_verbose`
//! has it tell of everyone. The last value goes to all who subscribed to this topic: what
//! they hear again is not news.
//!
//! `cargo run -p zmq-guide --bin lvcache [tcp://localhost:5557 tcp://*:5558]`, between
//! `pathopub tcp://*:5557` and some `pathosub tcp://localhost:5558`

use std::collections::HashMap;

use zmq::{Multipart, POLLIN};

fn main() -> zmq::Result<()> {
    let context = zmq::Context::new();
    let frontend = context.socket(zmq::Sub)?;
    frontend.set_subscribe(b"")?;
    frontend.connect(&zmq_guide::endpoint(1, "tcp://localhost:5557"))?;
    let backend = context.socket(zmq::XPub)?;
    backend.set_xpub_verbose(true)?;
    backend.bind(&zmq_guide::endpoint(2, "tcp://*:5558"))?;

    let mut cache: HashMap<Vec<u8>, Multipart> = HashMap::new();
    loop {
        let mut items = [frontend.as_poll_item(POLLIN), backend.as_poll_item(POLLIN)];
        zmq::poll(&mut items, -1)?;
        let [is_news, is_subscription] = items.map(|item| item.is_readable());
        if is_news {
            let message = frontend.recv_frames(0)?;
            cache.insert(message[0].to_vec(), message.clone());
            backend.send_multipart(message, 0)?;
        }
        if is_subscription {
            if let [1, topic @ ..] = &backend.recv_msg(0)?[..] {
                if let Some(last) = cache.get(topic) {
                    println!("sending {} again", zmq_guide::text(topic));
                    backend.send_multipart(last.clone(), 0)?;
                }
            }
        }
    }
}
