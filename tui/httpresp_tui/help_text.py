"""What `--help` says before and after the list of options; every line under 80 columns."""

DESCRIPTION = """\
Watch the wire and show every HTTP response on it, live. It only listens: it
never sends, and never stands between the two ends.
"""

EPILOG = """\
examples:
  httpresp-tui --demo                      sample traffic; needs no root
  sudo httpresp-tui -i eth0 -p 8080        one interface, one port
  httpresp-tui -r capture.pcapng -Y 5xx    a file, server errors only
  sudo httpresp-tui -i any --json -c 100 | jq .args[1].value.status
  ssh server sudo tcpdump -U -w - tcp port 80 | httpresp-tui -r -

two filters:
  -f, -p, --host   what the kernel hands over; the rest was never seen
  -Y               what is shown of it: status:5xx  host:api  -type:image
                   header:x-cache~hit  size>10k  time>500ms  "not found"
                   Wireshark's and mitmproxy's words are understood.
                   A regular expression sees the beginning of each line; one
                   that some text could make slow is refused.

secrets:
  Authorization, cookies and tokens leave the screen (clipboard, files) as
  tags that keep equality, such as <cookie 32B #a91f>. --json prints them as
  they are, since a program that reads it needs the exact bytes; --redact
  hides them there too, --no-redact nowhere.

exit status:
  0  fine; also when whoever reads --json has closed the pipe
  1  the run failed, or its input was cut off
  2  the command line is wrong
"""
