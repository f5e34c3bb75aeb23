"""What keys do on the main screen: one file a theme, each a part of the app over the same `Inspector`.

A new command is a file here, with its `action_…` methods, a binding in `keys.bindings`, and a name among the bases of
`app.HttprespApp`. What is drawn for it stands in `widgets` or `screens`, what it computes in `model`.
"""
