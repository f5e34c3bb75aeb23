"""What `--help` says before and after the list of options; every line under 80 columns."""

PROGRAM = "httpresp-tui"
COMMANDS = {
    "check": "what is wrong in a capture, with an exit status",
    "diff": "what changed between two captures",
}
"""Words that may come first: name and meaning."""
SHELLS = ("bash", "zsh", "fish")
"""Those whose completions there are."""

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
  sudo httpresp-tui -- curl -s http://localhost:8080/
                                           a command's own traffic alone

  httpresp-tui -r capture.pcapng -Y 5xx --export har:errors.har
                                           what matches, into a file

commands, each with its own --help:
  httpresp-tui check -r capture.pcapng     what is wrong in it
  httpresp-tui diff before.pcap after.pcap what changed

two filters:
  -f, -p, --host   what the kernel hands over; the rest was never seen
  -Y               what is shown of it: status:5xx  host:api  -type:image
                   header:x-cache~hit  size>10k  time>500ms  "not found"
                   finding:hsts  severity>=medium
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
  of -- COMMAND, else that of the command; 127 where there is none such
"""

CHECK_DESCRIPTION = """\
Read a capture, or listen for a while, and tell what its responses say against
themselves: exposed sessions, missing protection, leaked internals, errors,
drifting headers. Nothing is sent; only what the bytes prove is told.
"""

CHECK_EPILOG = """\
examples:
  httpresp-tui check -r capture.pcapng
  httpresp-tui check -r capture.pcapng --fail-on high --format junit >out.xml
  httpresp-tui check -r capture.pcapng --format sarif >out.sarif
  sudo httpresp-tui check -i lo -p 8080 -a duration:30 --behind-tls
  httpresp-tui check -r capture.pcapng -Y 'finding:CK-' --fail-on never
  httpresp-tui check -r capture.pcapng --write-baseline accepted.toml
  httpresp-tui check -r capture.pcapng --baseline accepted.toml
  sudo httpresp-tui check -- pytest tests  what a test run's traffic shows

The report goes to standard output, what was read and lost to standard error.
Secrets stand in it as tags: first characters, length, and #tag for equality.
text, json and markdown also tell of cookies in clear, responses unlike the
rest of their route, errors by cause, clocks, limits and caching.

exit status:
  0  no open finding at the bar or above it
  1  the run failed, its input was cut off, or no response had a whole head
  2  the command line or the baseline is wrong
  3  the bar is broken; also when the input was cut off after that
"""

DIFF_DESCRIPTION = """\
Compare two captures: status codes, headers gained and lost, findings and error
causes that are new or gone, and latency by route.
"""

DIFF_EPILOG = """\
examples:
  httpresp-tui diff before.pcapng after.pcapng
  httpresp-tui diff staging.pcap production.pcap --any-origin
  httpresp-tui diff before.pcapng after.pcapng --fail-on medium --format json

exit status:
  0  compared; nothing new at the bar of --fail-on
  1  a capture could not be read, or was cut off
  2  the command line is wrong
  3  a new finding at the bar of --fail-on, or above it
"""
