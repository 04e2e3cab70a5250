"""What Kikao promises to gateways in packages of their own (docs/adding-a-gateway.md); nothing below app/ is promised.

`base` is the contract, `money` and `settings` are what it speaks of, `http` is how an adapter talks and listens, and
`testing` has the test class that every gateway passes.
"""
