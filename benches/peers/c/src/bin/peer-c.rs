fn main() {
    peer_c::main(false);
}
