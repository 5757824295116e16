/* Copying what is large, writing and reading it. Usage: exercise CASE HOW_OFTEN */

#include <stddef.h>
#include <stdint.h>
#include <algorithm>
#include <cstring>
#include <vector>

//  How much copy_bytes has memcpy do at once.
static std::vector<size_t> pieces;
static void *noted (void *to_, const void *from_, size_t size_)
{
    pieces.push_back (size_);
    return memcpy (to_, from_, size_);
}
#define memcpy noted
#include "copy.h"
#undef memcpy

#include "precompiled.hpp"

#include "decoder_allocators.cpp"
#include "err.cpp"
#include "metadata.cpp"
#include "msg.cpp"
#include "v2_decoder.cpp"
#include "v2_encoder.cpp"
#include "../common/exercise.hpp"

namespace
{
typedef std::vector<unsigned char> bytes_t;

//  Some that are no others'.
bytes_t some (size_t size_, uint32_t seed_)
{
    dice_t dice = {seed_};
    bytes_t bytes (size_);
    for (unsigned char &byte : bytes)
        byte = static_cast<unsigned char> (dice.roll (256));
    return bytes;
}

//  ---- copies ----------------------------------------------------------------

bool is_slow (size_t after_)
{
#if defined(__x86_64__) && defined(__GLIBC__)
    return after_ >= 1 && after_ <= 31;
#else
    (void) after_;
    return false;
#endif
}

void copies_are_the_same ()
{
    const size_t page = 4096, most = 70000;
    std::vector<char> memory (4 * (most + 2 * page));
    char *const pages =
      memory.data () + page - reinterpret_cast<uintptr_t> (memory.data ()) % page;
    const size_t half = (most / page + 2) * page;
    const size_t sizes[] = {0, 1, 31, 1023, 1024, 1025, 2048, 4100, most};
    for (size_t size : sizes)
        for (size_t after : {0, 1, 9, 23, 31, 32, 33, 2000, 4064, 4095}) {
            const bytes_t bytes = some (size, static_cast<uint32_t> (after));
            char *const from = pages + 5, *const to = pages + half + 5 + after;
            std::copy (bytes.begin (), bytes.end (), from);
            to[-1] = to[size] = 77;
            pieces.clear ();
            zmq::copy_bytes (to, from, size);
            require (std::equal (bytes.begin (), bytes.end (), bytes_t (to, to + size).begin ()),
                     "they are the same");
            require (to[-1] == 77 && to[size] == 77, "nothing else is changed");
            if (is_slow (after))
                require (*std::max_element (pieces.begin (), pieces.end ()) <= 1024,
                         "no piece is copied slowly");
            else
                require (pieces == std::vector<size_t> (1, size), "it is one piece");
        }
}

//  ---- writing ---------------------------------------------------------------

const size_t batch = 63 << 10;

struct writer_t
{
    writer_t () : encoder (batch) { require (message.init () == 0, "a message"); }
    ~writer_t () { message.close (); }

    //  As an engine begins a batch, with what was left for it.
    void begin ()
    {
        at = NULL;
        gathered = encoder.encode (&at, 0);
    }

    //  And adds a message to it. Returns how much was added.
    size_t add (size_t size_)
    {
        encoder.copy_up_to (size_ >= 2 * batch ? zmq::first_part : zmq::whole);
        require (message.close () == 0 && message.init_size (size_) == 0, "memory");
        encoder.load_msg (&message);
        unsigned char *to = at ? at + gathered : NULL;
        const size_t added = encoder.encode (&to, batch - gathered);
        at = at ? at : to;
        gathered += added;
        return added;
    }

    zmq::v2_encoder_t encoder;
    zmq::msg_t message;
    unsigned char *at;
    size_t gathered;
};

void little_is_written_first_of_what_is_large ()
{
    const size_t header = 9, little = 8192, large = 2 * batch;
    writer_t writer;
    for (size_t before : {size_t (0), size_t (1000), little, size_t (50000)})
        for (int is_first : {1, 0}) {
            writer.begin ();
            require (writer.gathered == 0, "nothing was left");
            if (before)
                require (writer.add (before) >= before, "small ones are added");
            const size_t gathered = writer.gathered;
            const size_t part =
              std::max (little, gathered + header) - gathered;
            require (writer.add (large + is_first) == part, "little is written first");
            require (writer.encoder.is_amid (), "nothing is to be added");
            writer.begin ();
            require (writer.gathered == large + is_first + header - part, "then the rest");
            require (writer.at
                       == static_cast<unsigned char *> (writer.message.data ()) + part - header,
                     "which is not copied");
            require (!writer.encoder.is_amid (), "the next may follow");
        }

    //  If its header is not all in one batch, the next one is full: a heartbeat may be next.
    const size_t most = batch - header - 4;
    writer.begin ();
    require (writer.add (most) == batch - 4 && writer.add (large) == 4, "the header begins");
    writer.begin ();
    require (writer.gathered == batch, "nothing is to be added");
    writer.begin ();
    require (writer.gathered == large + header - 4 - batch, "but the rest");

    //  What is smaller fills batches.
    writer.begin ();
    require (writer.add (large - 1) == batch, "it fills the batch");
    writer.begin ();
    require (writer.gathered == large - 1 + header - batch, "and the next");
}

//  ---- reading ---------------------------------------------------------------

struct reader_t
{
    explicit reader_t (size_t buffer_) : decoder (buffer_, -1, true) {}

    void add (size_t size_)
    {
        const bytes_t message = some (size_, static_cast<uint32_t> (messages.size ()));
        const bool is_long = size_ > 255;
        stream.push_back (is_long ? 2 : 0);
        for (int shift = is_long ? 56 : 0; shift >= 0; shift -= 8)
            stream.push_back (static_cast<unsigned char> (
              static_cast<uint64_t> (size_) >> shift));
        stream.insert (stream.end (), message.begin (), message.end ());
        messages.push_back (message);
    }

    //  As an engine reads, of a system that has so many bytes at a time.
    void read (size_t available_)
    {
        unsigned char *to;
        size_t size;
        decoder.get_buffer (&to, &size);
        asked.push_back (size);
        size = std::min (std::min (size, available_), stream.size () - position);
        memcpy (to, stream.data () + position, size);
        position += size;
        decoder.resize_buffer (size);
        while (size) {
            size_t processed = 0;
            const int rc = decoder.decode (to, size, processed);
            to += processed;
            size -= processed;
            require (rc != -1, "they are messages");
            if (rc == 0) {
                require (size == 0, "all is decoded");
                return;
            }
            zmq::msg_t *const message = decoder.msg ();
            const unsigned char *const data =
              static_cast<unsigned char *> (message->data ());
            require (bytes_t (data, data + message->size ()) == messages.at (arrived++),
                     "it is that message, whole");
        }
    }

    void read_all (size_t available_)
    {
        while (position != stream.size ())
            read (available_);
        require (arrived == messages.size (), "all have arrived");
    }

    zmq::v2_decoder_t decoder;
    std::vector<bytes_t> messages;
    bytes_t stream;
    size_t position = 0, arrived = 0;
    //  How many bytes were wanted of each read.
    std::vector<size_t> asked;
};

const size_t header = 9, buffer = 128 << 10, little = 8192;

void large_messages_are_read_to_where_they_stay ()
{
    const size_t large = 300000;
    reader_t reader (buffer);
    for (size_t size : {large, large, size_t (10), size_t (10)})
        reader.add (size);
    reader.read_all (buffer << 4);
    //  After a large message little is read, or too much of the next one would be copied.
    require (reader.asked
               == std::vector<size_t> ({buffer, large + header - buffer, little,
                                        large + header - little, little}),
             "of the second little is copied");
    reader.read (0);
    require (reader.asked.back () == buffer, "small ones are read together again");

    //  What fits into the buffer, header included, is not large.
    for (size_t size : {buffer - header, buffer - header + 1}) {
        reader_t other (buffer);
        other.add (size);
        other.read_all (buffer);
        other.read (0);
        require (other.asked[1] == (size + header > buffer ? little : buffer),
                 "a message is large if it does not fit");
    }
}

void what_is_large_may_come_in_parts ()
{
    const size_t large = 300000, left[] = {60000, little, little - 1};
    reader_t reader (buffer);
    reader.add (large);
    reader.add (large);
    reader.read (buffer);
    size_t read = buffer;
    for (size_t size : left) {
        reader.read (large + header - size - read);
        read = large + header - size;
    }
    //  The last part of it and a byte of the next one, its first part, and the rest.
    for (int i = 0; i != 3; i++)
        reader.read (buffer << 4);
    require (reader.asked
               == std::vector<size_t> ({buffer, large + header - buffer, left[0], left[1],
                                        little, little, large + header - 1 - little}),
             "each part is read to where it stays, but for the last");
    require (reader.arrived == 2, "they are whole");
}

void half_a_buffer_is_read_to_where_it_stays ()
{
    for (size_t missing : {buffer / 2 - 1, buffer / 2}) {
        reader_t reader (buffer);
        reader.add (buffer - header);
        reader.read (buffer - missing);
        reader.read (buffer);
        require (reader.asked.back () == (missing < buffer / 2 ? buffer : missing),
                 "half a buffer is read to where it stays");
        require (reader.arrived == 1, "it is whole");
    }
}

//  As libzmq asks for without all that.
void buffers_of_libzmq_are_as_they_were ()
{
    const size_t large = 20000;
    reader_t reader (little);
    for (size_t size : {large, large, little + 5000})
        reader.add (size);
    reader.read_all (large);
    reader.read (0);
    require (reader.asked
               == std::vector<size_t> ({little, large + header - little, little,
                                        large + header - little, little, little, little}),
             "each read is of the buffer's size, or of the rest");
}

void messages_of_any_size_arrive ()
{
    static dice_t dice = {1};
    for (size_t of : {size_t (1), size_t (64), size_t (1000), little, buffer}) {
        reader_t reader (of);
        for (int i = 0; i != 100; ++i)
            reader.add (dice.roll (static_cast<uint32_t> (of) * (dice.roll (4) ? 1 : 4)));
        while (reader.position != reader.stream.size ())
            reader.read (1 + dice.roll (static_cast<uint32_t> (of) * 2));
        require (reader.arrived == reader.messages.size (), "all have arrived");
    }
}
}

int main (int, char **args_)
{
    const case_t cases[] = {
      {"copies_are_the_same", copies_are_the_same},
      {"little_is_written_first_of_what_is_large",
       little_is_written_first_of_what_is_large},
      {"large_messages_are_read_to_where_they_stay",
       large_messages_are_read_to_where_they_stay},
      {"what_is_large_may_come_in_parts", what_is_large_may_come_in_parts},
      {"half_a_buffer_is_read_to_where_it_stays",
       half_a_buffer_is_read_to_where_it_stays},
      {"buffers_of_libzmq_are_as_they_were", buffers_of_libzmq_are_as_they_were},
      {"messages_of_any_size_arrive", messages_of_any_size_arrive},
    };
    return run_case (cases, args_);
}
