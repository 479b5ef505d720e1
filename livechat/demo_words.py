"""Names, devices and words that fill the demo's conversations. All of them are made up."""

WORDS = {
    "bike": ("City 7", "Trekking 9", "Gravel One", "Acme Cargo", "Commuter 5", "Tour 3"),
    "day": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday"),
    "size": ("S", "M", "L"),
    "price": ("€18", "€24", "€29", "€39", "€49", "€65"),
    "weeks": ("two", "three", "five"),
}
FIRST_NAMES = (
    "Robin", "Pat", "Sky", "Kim", "Jo", "Alex", "Sam", "Charlie", "Quinn", "Rowan", "Toni", "Mika", "Noa", "Jules",
    "Remy", "Sasha", "Ira", "Luca", "Kai", "Finn", "Ola", "Bo", "Vic", "Nic", "Dana", "Uli",
)  # fmt: skip
SURNAMES = (
    "Mockup", "Specimen", "Testcase", "Fixture", "Sample", "Dummy", "Draft", "Proto", "Filler", "Sketch", "Outline",
    "Pattern", "Swatch", "Blank",
)  # fmt: skip
DEVICES = (
    ("Firefox 145", "Windows 11"), ("Firefox 145", "Ubuntu"), ("Chrome 142", "Windows 11"),
    ("Chrome 142", "Windows 10"),
    ("Chrome 142", "Mac OS X 15"), ("Chrome Mobile 142", "Android 16"), ("Chrome Mobile 142", "Android 15"),
    ("Mobile Safari 26", "iOS 26"), ("Mobile Safari 18", "iOS 18"), ("Safari 26", "Mac OS X 26"),
    ("Edge 142", "Windows 11"),
    ("Samsung Internet 29", "Android 16"),
)  # fmt: skip
REFERRERS = (
    "", "", "", "https://bikeclub.example/forum/", "https://search.example/", "https://search.example/",
    "https://news.bikeclub.example/spring/", "https://maps.example/acme-bikes",
)  # fmt: skip

# the page, and the only line of somebody who did not wait
GAVE_UP = (
    ("home", "hello? anybody there"),
    ("workshop", "Do you repair other brands too?"),
    ("cargo", "Whats the delivery time for the cargo"),
    ("order", "need to change my delivery date"),
    ("lights", "does the small lock come with two keys"),
    ("ride", "can I come without an appointment"),
)

# the question of the form before the chat, what people chose on which page, and the tags that operators gave
TOPIC = "What is it about?"
TOPICS = {
    "ride": "Test ride",
    "cargo": "Buying a bike",
    "size": "Buying a bike",
    "order": "My order",
    "workshop": "Workshop",
}
TAGS = {
    "ride": ("test ride",), "cargo": ("advice", "test ride"), "size": ("advice", "sizing"), "order": ("order",),
    "returns": ("refund",), "workshop": ("workshop",), "helmets": ("sizing",), "kids": ("advice",),
    "lights": ("spare parts",), "home": ("opening hours",),
}  # fmt: skip
GROUPS = {
    "Bookings": ("ride", "cargo", "size", "kids"),
    "Workshop": ("workshop", "lights"),
}  # who answers on which pages
REPLIES = (
    ("hello", "Hello {visitor.name}, {operator.name} here. How can I help?", "account"),
    ("ride-bring", "Please bring an ID, and a helmet if you have one. You find us at 2 Sample Street.", "account"),
    (
        "ride-times",
        "Test rides: Monday to Friday from 15:00, Saturday from 10:00, about 40 minutes.",
        "account",
    ),
    ("return", "You have 30 days from the day it arrived. The label is in the box; we pay the courier.", "account"),
    ("service", "Brakes, gears, bolts, tyre pressure, chain wear and a wash: €24 without parts.", "account"),
    ("hours", "We are here Monday to Saturday from 8:00 to 20:00.", "account"),
    ("bye", "Have a good ride, {visitor.name}.", "personal"),
)
NOTE = "The blue demo bike is in the workshop until Wednesday. Offer the green one."
BLOCKS = (("session", "Insults in every line"), ("address", "Advertising"))
SURVEY = "After the test ride"
SURVEY_INTRO = "Three questions, one minute."
IMPROVE = (
    "A longer ride would be good.", "Nothing, it was well prepared.", "The saddle was too high at first.",
    "Show me the lights too.", "", "", "A ride in the rain, to try the brakes.", "More sizes to try.",
)  # fmt: skip
