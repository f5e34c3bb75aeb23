"""A command that is run to be watched: its process, its private folder with the TLS keys, and which flows are its own.

    folder      a private folder for one run, which goes with it
    preload     a small library that makes OpenSSL write its keys and says which sockets there are
    child       the command as a child process, with the environment that asks for keys
    sockets     the connections of the command and of all that it starts
    source      a live source, of which only the command's flows are told

The command runs as the person who called, never as root on their behalf: it is started when root has been given up.
"""
