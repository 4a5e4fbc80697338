"""The shipped profiles, a TOML file for each; `sync.sip2.profile` reads them."""
