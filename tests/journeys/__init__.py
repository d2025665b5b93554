"""Journeys: a mail or a chat line goes in at the door, a reply and a completion come out."""
