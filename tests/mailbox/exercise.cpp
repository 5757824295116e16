/* A mailbox, its reader and those who send to it. Usage: exercise CASE HOW_OFTEN */

#include "precompiled.hpp"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <algorithm>
#include <thread>
#include <vector>

//  The mailbox, and what it is made of.
#include "clock.cpp"
#include "err.cpp"
#include "ip.cpp"
#include "process.cpp"
#include "random.cpp"
#include "signaler.cpp"
#include "io_mailbox.cpp"
#include "../common/exercise.hpp"

using zmq::command_t;
using zmq::mailbox_t;

//  Who spins would do their work.
extern "C" void libzmq_src_drive (void *)
{
}
extern "C" void libzmq_src_hand_back (void *)
{
}

//  Whom who sends wakes by itself.
static const void *woken = NULL;

//  Nobody here asks and answers in turns.
thread_local zmq::lockstep_t *zmq::lockstep_t::_sender = NULL;
thread_local zmq::lockstep_t *zmq::lockstep_t::_leader = NULL;
zmq::lockstep_t::lockstep_t (zmq::mailbox_t *mailbox_) :
    _mailbox (mailbox_),
    _thread (NULL),
    _told (NULL),
    _leads (false),
    _acted (false)
{
}
bool zmq::lockstep_t::acts (const mailbox_t *, const command_t &)
{
    return false;
}
bool zmq::lockstep_t::keeps (mailbox_t *, const command_t &)
{
    return false;
}
bool zmq::lockstep_t::wakes (const void *task_)
{
    return task_ == woken;
}
void zmq::lockstep_t::deliver ()
{
}
bool zmq::lockstep_t::wait (int)
{
    return false;
}

namespace
{
const int senders = 4;
const uint64_t commands = 20000;

command_t command (int sender_, uint64_t number_)
{
    command_t command;
    memset (&command, 0, sizeof command);
    command.type = static_cast<command_t::type_t> (sender_);
    command.args.activate_write.msgs_read = number_;
    return command;
}

void send (mailbox_t *to_, int sender_)
{
    dice_t dice = {static_cast<uint32_t> (sender_)};
    for (uint64_t i = 0; i != commands; ++i) {
        to_->send (command (sender_, i));
        //  So that the reader finds nothing, now and then.
        if (dice.roll (8) == 0)
            std::this_thread::yield ();
    }
}

//  What has come of each sender: all, once, in its order.
class received_t
{
  public:
    received_t () : _left (senders * commands)
    {
        std::fill (_next, _next + senders, 0);
    }
    void take (const command_t &command_)
    {
        uint64_t &next = _next[static_cast<int> (command_.type)];
        require (command_.args.activate_write.msgs_read == next, "in order");
        ++next;
        --_left;
    }
    bool is_all () const { return _left == 0; }

  private:
    uint64_t _next[senders];
    uint64_t _left;
};

template <typename F> void with_senders (mailbox_t *mailbox_, F read_)
{
    std::vector<std::thread> threads;
    for (int i = 0; i != senders; ++i)
        threads.push_back (std::thread (send, mailbox_, i));
    read_ ();
    for (int i = 0; i != senders; ++i)
        threads[i].join ();
    command_t more;
    require (mailbox_->recv (&more, 0) == -1 && errno == EAGAIN, "nothing is left");
}

//  The reader looks, waits, or waits for some time, spinning at first or not. A command that is lost has it wait
//  for ever.
void nothing_is_lost ()
{
    mailbox_t mailbox;
    require (mailbox.get_fd () != zmq::retired_fd, "has a descriptor");
    with_senders (&mailbox, [&mailbox]() {
        dice_t dice = {1};
        received_t received;
        while (!received.is_all ()) {
            mailbox.set_spin (dice.roll (2) * 20, &mailbox);
            const int timeouts[] = {0, 0, 1, -1};
            command_t next;
            if (mailbox.recv (&next, timeouts[dice.roll (4)]) == 0)
                received.take (next);
            else
                require (errno == EAGAIN || errno == EINTR, "there is none");
        }
    });
}

//  The reader waits for the descriptor, which for a while it does without.
void who_watches_hears ()
{
    mailbox_t mailbox;
    mailbox.get_fd ();
    with_senders (&mailbox, [&mailbox]() {
        pollfd item = {mailbox.get_fd (), POLLIN, 0};
        dice_t dice = {2};
        received_t received;
        for (;;) {
            const bool unwatched = dice.roll (4) == 0;
            if (unwatched)
                mailbox.set_watched (false);
            command_t next;
            while (mailbox.recv (&next, 0) == 0)
                received.take (next);
            if (received.is_all ())
                break;
            if (unwatched) {
                //  Whatever comes meanwhile, it is to hear of then.
                std::this_thread::yield ();
                mailbox.set_watched (true);
            }
            require (poll (&item, 1, 20000) == 1, "it is heard of");
        }
    });
}

//  Who wakes the task does without the descriptor, unless it is none any more.
void a_task_is_woken_by_name ()
{
    mailbox_t mailbox;
    mailbox.get_fd ();
    pollfd item = {mailbox.get_fd (), POLLIN, 0};
    const char task = 0, another = 0;
    command_t next;
    for (int i = 0; i != 4; ++i) {
        woken = i & 1 ? &another : &task;
        mailbox.set_task (&task);
        mailbox.send (command (0, i));
        require (poll (&item, 1, 0) == (i & 1), "only others are told");
        if (i & 2) {
            mailbox.set_task (NULL);
            require (poll (&item, 1, 0) == 1, "it is told after all");
        }
        require (mailbox.recv (&next, 0) == 0, "it is there");
        require (mailbox.recv (&next, 0) == -1, "once");
        require (poll (&item, 1, 0) == 0, "that is all");
    }
}
}

int main (int, char **args_)
{
    const case_t cases[] = {
      {"nothing_is_lost", nothing_is_lost},
      {"who_watches_hears", who_watches_hears},
      {"a_task_is_woken_by_name", a_task_is_woken_by_name},
    };
    return run_case (cases, args_);
}
