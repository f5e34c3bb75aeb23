"""Coverage-guided fuzzing of what comes from strangers: capture files, the bytes of one direction, events as JSON.

    python -m fuzz capture-file [libFuzzer options]
    python -m fuzz one-direction [libFuzzer options]
    python -m fuzz http2 | clock-steps | checks | redactor | planted | events

needs atheris, which is no dependency of the project (`pip install atheris`). New inputs are kept in a folder given
before the options, a crash in a file of its own; `python -m fuzz TARGET FILE` runs that file again. `targets` says what
must hold for every input, `seeds` where it starts. What is found becomes a scenario.
"""
