//  Writes and reads certificates with czmq.
//
//  czmq_certificates create FILE [NAME=VALUE ...]
//  czmq_certificates load FILE      prints both keys and the metadata
//  czmq_certificates lookup FOLDER KEY   prints `found` and the metadata, or `unknown`

#include <czmq.h>

static void print_metadata (zcert_t *cert)
{
    zlist_t *names = zcert_meta_keys (cert);
    zlist_sort (names, NULL);
    for (char *name = zlist_first (names); name; name = zlist_next (names))
        printf ("%s=%s\n", name, zcert_meta (cert, name));
    zlist_destroy (&names);
}

static int create (const char *path, int count, char **metadata)
{
    zcert_t *cert = zcert_new ();
    for (int i = 0; i < count; i++) {
        char *value = strchr (metadata [i], '=');
        if (!value)
            return 2;
        *value = 0;
        zcert_set_meta (cert, metadata [i], "%s", value + 1);
    }
    int rc = zcert_save (cert, path);
    zcert_destroy (&cert);
    return rc ? 1 : 0;
}

static int load (const char *path)
{
    zcert_t *cert = zcert_load (path);
    if (!cert)
        return 1;
    printf ("%s\n%s\n", zcert_public_txt (cert), zcert_secret_txt (cert));
    print_metadata (cert);
    zcert_destroy (&cert);
    return 0;
}

static int lookup (const char *folder, const char *key)
{
    zcertstore_t *store = zcertstore_new (folder);
    zcert_t *cert = zcertstore_lookup (store, key);
    puts (cert ? "found" : "unknown");
    if (cert)
        print_metadata (cert);
    zcertstore_destroy (&store);
    return 0;
}

int main (int argc, char **argv)
{
    if (argc >= 3 && streq (argv [1], "create"))
        return create (argv [2], argc - 3, argv + 3);
    if (argc == 3 && streq (argv [1], "load"))
        return load (argv [2]);
    if (argc == 4 && streq (argv [1], "lookup"))
        return lookup (argv [2], argv [3]);
    fprintf (stderr, "usage: see %s\n", __FILE__);
    return 2;
}
