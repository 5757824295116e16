/* Lets in whom it is told to, and prints what they send behind their user id; the
   counterpart of auth_server.py:
     auth_server [OPTION=VALUE ...]
   It binds a PULL socket with these options. What it was asked about whom, and what
   it answered, goes to standard error. Orders come on standard input, a line each,
   and are followed by "done" on standard error:
     NULL DOMAIN                  lets in all who show nothing, as it does anyway
     PLAIN DOMAIN NAME PASSWORD   lets this user in, and nobody else
     CURVE DOMAIN KEY             lets this key in, and none else
     allow|deny ADDRESS           may be repeated
     answer STATUS                to everybody, until somebody is to be let in
   DOMAIN is "*" for all that have no rule of their own. */

#include "socket.h"

enum { SIZE = 256, MOST = 8 };

typedef char text[SIZE];

static struct rule {
    text mechanism, domain, name, password;
} rules[MOST];
static int rule_count;
static text allowed[MOST], denied[MOST], answer;
static int allowed_count, denied_count;

static struct rule *find_rule(const char *mechanism, const char *domain)
{
    for (int i = 0; i < rule_count; i++)
        if (!strcmp(rules[i].mechanism, mechanism) && !strcmp(rules[i].domain, domain))
            return &rules[i];
    return NULL;
}

static void obey(const char *line)
{
    text word[4] = {"", "", "", ""};
    sscanf(line, "%255s %255s %255s %255s", word[0], word[1], word[2], word[3]);
    if (strcmp(word[0], "allow") == 0) {
        check(allowed_count < MOST, line);
        strcpy(allowed[allowed_count++], word[1]);
    } else if (strcmp(word[0], "deny") == 0) {
        check(denied_count < MOST, line);
        strcpy(denied[denied_count++], word[1]);
    } else if (strcmp(word[0], "answer") == 0) {
        strcpy(answer, word[1]);
    } else {
        struct rule *rule = find_rule(word[0], word[1]);
        check(rule || rule_count < MOST, line);
        memcpy(rule ? rule : &rules[rule_count++], word, sizeof word);
        *answer = '\0';
    }
    fputs("done\n", stderr);
}

static int has(text *list, int count, const char *address)
{
    while (count > 0 && strcmp(list[count - 1], address) != 0)
        count--;
    return count > 0;
}

static const char *judge(const char *domain, const char *address, const char *mechanism,
                         const char *name, const char *password)
{
    if (has(denied, denied_count, address))
        return "400";
    if (allowed_count && !has(allowed, allowed_count, address))
        return "400";
    if (*answer)
        return answer;
    if (strcmp(mechanism, "NULL") == 0)
        return "200";
    const struct rule *rule = find_rule(mechanism, domain);
    if (!rule)
        rule = find_rule(mechanism, "*");
    return rule && !strcmp(rule->name, name) && !strcmp(rule->password, password) ? "200" : "400";
}

/* Answers a question of libzmq, see https://rfc.zeromq.org/spec/27/. */
static void decide(void *zap)
{
    enum { VERSION, ID, DOMAIN, ADDRESS, ROUTING_ID, MECHANISM, NAME, PASSWORD };
    text frames[MOST] = {"", "", "", "", "", "", "", ""};
    int more = 1;
    size_t more_size = sizeof more;
    for (int i = 0; more; i++) {
        check(i < MOST, "a question has 8 frames at most");
        int size = zmq_recv(zap, frames[i], SIZE - 1, 0);
        check(size >= 0 && size < SIZE, "zmq_recv");
        frames[i][size] = '\0';
        if (i == NAME && strcmp(frames[MECHANISM], "CURVE") == 0) {
            text key;
            check(size == 32 && zmq_z85_encode(key, (unsigned char *)frames[i], 32), "the key");
            strcpy(frames[i], key);
        }
        check(zmq_getsockopt(zap, ZMQ_RCVMORE, &more, &more_size) == 0, "ZMQ_RCVMORE");
    }
    const char *status = judge(frames[DOMAIN], frames[ADDRESS], frames[MECHANISM], frames[NAME],
                               frames[PASSWORD]);
    fprintf(stderr, "asked domain=%s address=%s routing_id=%s mechanism=%s name=%s: %s\n",
            frames[DOMAIN], frames[ADDRESS], frames[ROUTING_ID], frames[MECHANISM], frames[NAME],
            status);
    const char *name = *frames[NAME] ? frames[NAME] : "anonymous";
    const char *reply[] = {frames[VERSION], frames[ID], status, "", *status == '2' ? name : "", ""};
    for (int i = 0; i < 6; i++)
        check(zmq_send(zap, reply[i], strlen(reply[i]), i < 5 ? ZMQ_SNDMORE : 0) != -1, "zmq_send");
}

static void print(zmq_msg_t *message)
{
    const char *user = zmq_msg_gets(message, "User-Id");
    printf("%s %.*s\n", user ? user : "-", (int)zmq_msg_size(message),
           (const char *)zmq_msg_data(message));
    fflush(stdout);
}

int main(int argc, char **argv)
{
    void *context = zmq_ctx_new(), *zap = zmq_socket(context, ZMQ_REP);
    check(zmq_bind(zap, "inproc://zeromq.zap.01") == 0, "zap");
    char *words[16] = {"PULL", "bind", "tcp://127.0.0.1:*"};
    check(argc <= 12, "usage");
    for (int i = 1; i < argc; i++)
        words[2 + i] = argv[i];
    void *pull = make_socket(context, words);
    attach(pull, words[1], words[2]);
    /* What stdio had read ahead, zmq_poll would not see. */
    setvbuf(stdin, NULL, _IONBF, 0);
    zmq_msg_t message;
    zmq_msg_init(&message);
    zmq_pollitem_t items[] = {
        {zap, 0, ZMQ_POLLIN, 0}, {pull, 0, ZMQ_POLLIN, 0}, {NULL, 0, ZMQ_POLLIN, 0}};
    text line;
    do {
        check(zmq_poll(items, 3, -1) != -1, "zmq_poll");
        if (items[0].revents)
            decide(zap);
        if (items[1].revents) {
            check(zmq_msg_recv(&message, pull, 0) != -1, "zmq_msg_recv");
            print(&message);
        }
        if (items[2].revents && fgets(line, sizeof line, stdin))
            obey(line);
    } while (!feof(stdin));
    while (zmq_msg_recv(&message, pull, ZMQ_DONTWAIT) != -1)
        print(&message);
}
