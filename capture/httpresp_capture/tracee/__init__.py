"""Events as JSON lines, read back: those of Tracee, released and unreleased, and our own, mixed freely.

`shapes` finds the same few facts in either shape, `restore` makes a `Response` of them. Where the line is ours, its
`httpresp` object gives back the request, the flow, the times and the header lines; a line of Tracee tells of a head
alone. What comes here was written by others: every value is looked at before it is used, and nothing is trusted to be
small.
"""
