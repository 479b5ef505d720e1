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
