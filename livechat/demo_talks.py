"""Conversations of the demo's bike shop, written by hand. Everybody and everything in them is made up.

A talk is a page, a topic and lines: "v " is the visitor's, "o " the operator's. Words in braces are filled in.
"""

from dataclasses import dataclass

PAGES = {
    "home": ("/", "Acme Bikes"),
    "cargo": ("/cargo/", "Acme Cargo"),
    "ride": ("/test-ride/", "Book a test ride"),
    "size": ("/size-guide/", "Size guide"),
    "order": ("/orders/", "Your order"),
    "returns": ("/returns/", "Returns"),
    "workshop": ("/workshop/", "Workshop"),
    "helmets": ("/helmets/", "Helmets"),
    "kids": ("/kids/", "Bikes for kids"),
    "lights": ("/lights/", "Lights and locks"),
}


@dataclass(frozen=True)
class Talk:
    """One conversation: `page` is a key of PAGES."""

    page: str
    lines: tuple[str, ...]
    comment: str = ""  # what a visitor may write beside a rating


def _talk(page: str, text: str, comment: str = "") -> Talk:
    return Talk(page, tuple(line.strip() for line in text.strip().splitlines()), comment)


TALKS = (
    _talk(
        "ride",
        """
        v Hello! Can I try the Acme cargo bike before buying? I have two kids and a dog, so it has to carry a lot.
        o Hi {visitor}. Yes, about 40 minutes, and you can bring the whole crew. A weekday or the weekend?
        v A weekday is best. Is there a charge?
        o It is free. We have {day} from 15:00 or the day after from 16:00.
        v {day} then, please. Do I need anything?
        o An ID, and a helmet if you have one. You find us at 2 Sample Street, ring at the side door.
        v Perfect, see you there
        """,
        "clear and fast",
    ),
    _talk(
        "order",
        """
        v Hi, the saddle in the box is the narrow one, I ordered the wide.
        o Sorry about that. What is your order number?
        v {order}
        o Thank you. I have the right one here and it leaves today. Keep the narrow one until the courier comes.
        v That was quick. Thank you!
        """,
        "solved in two minutes",
    ),
    _talk(
        "cargo",
        """
        v Is the cargo frame in stock?
        o In green yes, in blue we expect the next ones in {weeks} weeks.
        v Green is fine. What does it weigh?
        o 31 kg with the box, 27 kg without.
        v And how much may it carry?
        o Up to 80 kg in front, plus 25 kg on the rack.
        """,
    ),
    _talk(
        "order",
        """
        v I need an invoice for {order} with our company address on it
        o Sure. Which address should it show?
        v Specimen Ltd, 14 Mockup Lane, Exampletown
        o Done. It is in your inbox, and the old one is cancelled.
        v great, got it
        """,
    ),
    _talk(
        "size",
        """
        v which frame size for 1,72 m?
        o For the {bike} that is usually a {size}. Do you know your inseam?
        v about 80 cm
        o Then {size} it is. If it does not fit you can swap it within 30 days.
        v Does the swap cost anything
        o No, we pay the courier both ways.
        """,
    ),
    _talk(
        "workshop",
        """
        v My rear brake squeals like a train when it rains
        o That is often the pads being glazed. Which brakes are on it?
        v hydraulic discs, on the {bike}
        o Try 20 firm stops from about 25 km/h on a dry road.
        o If it still squeals, bring it in: new pads are {price} and take half an hour.
        v I will try that first. thanks
        o Good luck. We are open until 18:00 if it does not help.
        """,
        "honest advice",
    ),
    _talk(
        "workshop",
        """
        v Can I still get a service slot this week?
        o {day} at 09:30 is free, or the same day at 14:00.
        v 09:30 please. What does the basic service include
        o Brakes, gears, bolts, tyre pressure, chain wear and a wash. {price} without parts.
        v Book it for me
        o Booked. You get a message when it is ready, usually the same afternoon.
        """,
    ),
    _talk(
        "returns",
        """
        v how do I send the helmet back? too small
        o Print the label from Your order and drop it at any parcel shop.
        o Shall we send the next size at the same time?
        v yes please, L
        o It is on its way. Nothing to pay, it costs the same.
        """,
    ),
    _talk(
        "helmets",
        """
        v Does the city helmet fit over a thin cap?
        o With a thin one yes. Measure with the cap on and take the size that says.
        v 58 cm
        o That is an M. It turns from 55 to 59.
        v ok thanks
        """,
    ),
    _talk(
        "kids",
        """
        v My daughter is 6 and 118 cm. 20 inch or wait for the 24?
        o 20 inch. On a bike that is too large they brake late. Ours fits until about 135 cm.
        v Do you take it back when she grows out of it?
        o Yes, bring it within three years and we take 40 percent of the price off the next one.
        v That is a nice idea
        """,
        "no upselling, thank you",
    ),
    _talk(
        "lights",
        """
        v is the front light allowed on the road?
        o Yes, it has the mark for road use. Please aim it a little down, it is bright.
        v how long does the battery last
        o About 6 hours on full, 20 on low. It charges by USB in two hours.
        """,
    ),
    _talk(
        "home",
        """
        v When do you open on Saturday?
        o From 10:00 to 14:00. Test rides until 13:00.
        v thanks!
        """,
    ),
    _talk(
        "order",
        """
        v Where is my order {order}? it said yesterday
        o Let me look. The courier missed the scan at the depot, it is on the van today.
        v Any idea what time?
        o Between 13:00 and 16:00. If it is not there by then write to me and I send a second one.
        v It just arrived, sorry for the noise
        o No noise at all. Have fun with it.
        """,
    ),
    _talk(
        "cargo",
        """
        v Does the rain cover fit the old model, the one from three years ago?
        o It does when the box has four eyelets on each side. Yours?
        v let me check
        v four, yes
        o Then it fits. {price}, in stock.
        """,
    ),
    _talk(
        "cargo",
        """
        v wheels up to which size fit in the front?
        o It fits wheels up to 20 inch in front and 29 inch at the back.
        v And the discount code from the newsletter, does it work on cargo bikes
        o Not on the bikes, on everything that goes on them.
        """,
    ),
    _talk(
        "workshop",
        """
        v Second saddle that squeaks, what now
        o That should not happen. Does it squeak when you stand up as well?
        v no only sitting
        o Then it is the rails in the clamp. A drop of grease between rail and clamp, and 12 Nm. Shall we do it?
        v I have no torque wrench so yes
        o {day} morning, five minutes, nothing to pay.
        v Still, the second time...
        o You are right, and I am sorry. I have put a note on it for the maker.
        """,
        "friendly, but it should not squeak at all",
    ),
    _talk(
        "returns",
        """
        v I want my money back for {order}. It is not what was on the picture
        o I am sorry to hear that. What is different?
        v the colour. The picture is dark green, this is nearly blue
        o I see what you mean, the picture is too warm.
        o Send it back free of charge, the money is with you three days after it got here.
        v Fine.
        """,
    ),
    _talk(
        "lights",
        """
        v Which lock for a {bike} in a big city
        o A folding lock of class 12 or more and a chain for the wheel. Lock the frame to something that does not move.
        v that heavy?
        o 1.9 kg. There is a lighter one at 1.2 kg for shorter stops.
        v Then the light one for the bakery and the heavy one for the station
        o Exactly what I do.
        """,
    ),
    _talk(
        "home",
        """
        v Do you deliver to the islands?
        o We do, it takes four days longer and costs {price} more for a whole bike.
        v ok. Assembled?
        o Almost: pedals, handlebar and front wheel are left to do. The tools are in the box.
        """,
    ),
    _talk(
        "ride",
        """
        v I booked a test ride for {day} but I will be 20 minutes late
        o No problem, I have moved it. See you then.
        """,
        "easy",
    ),
    _talk(
        "size",
        """
        v hi, my legs are 84 cm and I am 1.79, the guide says M or L
        o For relaxed riding M, for sporty L. How do you ride?
        v to work, 9 km each way
        o M. Longer trips feel better when the bar is close.
        v Can I swap the stem later
        o Yes, from 60 to 110 mm, {price} with fitting.
        """,
    ),
    _talk(
        "cargo",
        """
        v Can the battery be taken out? I live on the fourth floor
        o Yes, with a key. It weighs 3.1 kg and charges in any socket.
        v And in winter?
        o Bring it in below zero and charge it at room temperature. You lose about a fifth of the range on cold days.
        v That is about what I feared. Still good
        """,
    ),
    _talk(
        "kids",
        """
        v Is the child seat OK for the {bike} with the small rack
        o Not with the small rack, it carries 15 kg only. You need the city rack, {price}, it takes 27 kg.
        v Can you fit both while I wait?
        o Yes, about 30 minutes. Bring the seat in its box.
        """,
    ),
    _talk(
        "workshop",
        """
        v my gears jump when I push hard uphill
        o How old is the chain?
        v no idea, 5000 km?
        o Then chain and cassette are worn, they go together. {price} with work for the eight speed.
        v can you do it today
        o Today is full. {day} by noon?
        v ok
        o Booked under {visitor}. Please take the bags off before you come.
        """,
    ),
    _talk(
        "helmets",
        """
        v Hello, is the red helmet back?
        o Not yet, next week. Shall I keep one for you?
        v Yes please, M
        o Done. We keep it for five days once it is here.
        """,
    ),
    _talk(
        "order",
        """
        v I typed the wrong house number. It is 41 not 14
        o Changed for {order}, the label had not been printed yet.
        v phew. thank you
        """,
        "saved my day",
    ),
    _talk(
        "order",
        """
        v can I add a pump to my order?
        o As long as it has not been packed. {order}?
        v yes
        o Added, {price}. It goes with the same parcel.
        v super
        """,
    ),
    _talk(
        "home",
        """
        v Do you lease bikes through employers
        o We do, with three companies. Your employer chooses which.
        v How does it start?
        o Send us the offer of your employer and choose a bike. We do the rest, it takes about ten days.
        v Good, I will ask at work first
        """,
    ),
    _talk(
        "workshop",
        """
        v tubeless: how often new sealant?
        o Every three to four months, sooner in summer.
        v Do you do it while I wait
        o Yes, 15 minutes for both wheels, {price}.
        """,
    ),
    _talk(
        "returns",
        """
        v The saddle bag came without its strap
        o I am sorry. A strap is in the post today, no need to send anything back.
        v thank you, that was painless
        """,
        "painless",
    ),
    _talk(
        "lights",
        """
        v Will the dynamo light stay on when I stop?
        o For four minutes, from a small capacitor.
        v enough for the longest traffic light in town then
        """,
    ),
    _talk(
        "cargo",
        """
        v Is it hard to ride a cargo bike at first?
        o The first five minutes feel odd, the front wheel is far away. After a lap around the block nobody looks back.
        v my wife asks if she can ride it too, she is 1,58
        o The seat goes down to 1.52 m. Come together, then you see.
        v Is {day} possible
        o {day} at 16:30, for two people and one bike.
        v we take it
        """,
        "we bought it",
    ),
)

# chats that are going on when the demo starts: the page and the lines so far
WAITING = (
    ("Robin Mockup", "order", ("Wrong saddle in my order",)),
    ("", "cargo", ("Is the cargo frame in stock?",)),
    ("Kim Testcase", "order", ("Invoice for 2030-118", "with the address of our office please")),
    ("", "workshop", ("Chain came off twice today", "can I come by this afternoon?")),
)
BY_MAIL: tuple[tuple[str, str, tuple[str, ...]], ...] = (  # left in the night, not answered yet
    ("Dana Proto", "workshop", ("Do you true wheels of other brands? Mine has 36 spokes.",)),
    ("Luca Blank", "returns", ("The child seat does not fit the rack. Can I send it back without the box?",)),
)
OPEN = (
    ("Pat Specimen", "ride", ("v Hello! Can I try the Acme cargo bike before buying? Two kids and a dog.",
              "o Hi {visitor}. Yes, and you can bring the whole crew. A weekday or the weekend?",
              "v A weekday is best. Is there a charge?",
              "o It is free. Wednesday from 15:00 or Thursday from 16:00?",
              "v Thursday after four would be perfect")),
    ("", "cargo", ("v which wheels fit at the back?", "o It fits wheels up to 29 inch.")),
    ("Sky Demo", "helmets", ("v I have a round head, which helmet", "o Try the City, its M is the roundest we have.",
                 "v And the discount code?", "v it says not valid")),
    ("Jo Fixture", "size", ("v 1.68, inseam 77, for the trekking bike?", "o Size S. The M would be too long for you.",
              "v ok, S. is it in stock in black")),
    ("", "returns", ("v How long do I have to send a jacket back", "o 30 days from the day it arrived.")),
    ("Alex Dummy", "workshop", ("v puncture number three this month",
                  "o Let us look at the rim tape. Can you come today?",
                  "v until when are you open")),
    ("Rowan Swatch", "kids", ("v Do you have stabilisers for the 16 inch?",
              "o We do, but try without first: take the pedals off for a day.", "v clever")),
    ("", "order", ("v Did my parcel leave?", "o This morning at 08:10.", "v tracking shows nothing yet")),
    ("Mika Outline", "lights", ("v My rear light blinks, is that allowed",
                "o Not on the road here. Hold the button three seconds.",
                "v works, thanks", "o You are welcome. Anything else?")),
)  # fmt: skip
