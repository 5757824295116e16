fn main() {
    peer_c::main(true);
}
