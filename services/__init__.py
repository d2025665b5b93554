"""The services of habeas: intake, router, fulfil, console and watch, on one runtime."""
