//! The people: who they are, how they found the shop and what they are like.

use crate::{
    DemoPlan,
    dice::{Dice, mix},
    facts::Fact,
    life::Life,
    season::{Curve, DAY, HOUR},
    sessions::Scribe,
    world::{
        names::{ENGLISH_FAMILY, ENGLISH_MEN, ENGLISH_WOMEN, FAMILY, MAIL_DOMAINS, MEN, WOMEN},
        places::{
            ACQUISITIONS, Acquisition, BEGINNERS, BURGUNDY, BY_LIVE, BY_POSTER, BY_REFERRAL, CITIES, DEALS, ENGLISH,
            FOOD, POSTERS, WHITE_AND_SPARKLING, group_of_city,
        },
        wines::{GRAPES, PRODUCTS},
    },
};

/// How many events a member makes in a day, on average over all.
const EVENTS_A_DAY: f64 = 0.5556;
/// How many events a visit makes, on average; measured.
pub(crate) const EVENTS_A_VISIT: f64 = 2.65;
/// How many events a member makes around signing up, on average; measured.
const EVENTS_OF_ARRIVAL: f64 = 5.0;

/// How somebody entered the community.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Signed up before the history begins.
    Before,
    /// Signed up within it.
    Within,
    /// Never said who he is.
    Visitor,
}

/// A made-up person.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    /// From which ids are made; different for everybody.
    pub number: u64,
    pub seed: u64,
    pub origin: Origin,
    pub name: String,
    pub email: String,
    pub city: u8,
    pub gender: Option<&'static str>,
    pub birthday: Option<String>,
    pub grape: u8,
    /// Whether the grape is told when signing up.
    pub tells_grape: bool,
    pub english: bool,
    pub newsletter: bool,
    pub acquisition: u8,
    /// Milliseconds since 1970; for a visitor the first visit.
    pub signup: i64,
    pub devices: u8,
    pub groups: Vec<u8>,
    /// How often he comes, beside the median.
    pub activity: f64,
    /// How readily he buys.
    pub buying: f64,
    /// What he likes to pay for a bottle, in yuan.
    pub budget: f64,
    pub talking: f64,
    pub reading: f64,
}

impl Person {
    /// Draws the person with this number.
    pub(crate) fn of(seed: u64, number: u64, origin: Origin, signup: impl FnOnce(&mut Dice, u8) -> i64) -> Person {
        let mut dice = Dice::new(seed, number);
        let acquisition = dice.weighted(ACQUISITIONS.iter().map(|it| it.weight)) as u8;
        let english = dice.chance(0.06);
        let city = city_of(&mut dice, acquisition, english);
        let woman = dice.chance(0.46);
        let (name, reading) = if english { english_name(&mut dice, woman) } else { chinese_name(&mut dice, woman) };
        let domain = MAIL_DOMAINS[dice.index(MAIL_DOMAINS.len())];
        let grape = dice.weighted(GRAPES.iter().map(|(_, weight)| *weight)) as u8;
        let year = (1988.0 + 8.5 * dice.normal()).clamp(1955.0, 2006.0) as i64;
        let birthday = format!("{year}-{:02}-{:02}", dice.between(1, 13), dice.between(1, 29));
        let way = acquisition_at(acquisition);
        let buyer = dice.chance(if way.buying > 1.2 { 0.9 } else { 0.7 });
        Person {
            number,
            seed,
            origin,
            name,
            email: format!("{reading}{number}@{domain}"),
            city,
            gender: dice.chance(0.88).then_some(if woman { "女" } else { "男" }),
            birthday: dice.chance(0.8).then_some(birthday),
            grape,
            tells_grape: dice.chance(0.55),
            english,
            newsletter: dice.chance(0.64),
            acquisition,
            groups: groups_of(&mut dice, city, grape, english, origin),
            signup: signup(&mut dice, acquisition),
            devices: if dice.chance(0.3) { 2 } else { 1 },
            activity: (dice.log_normal(1.05) * way.activity).min(25.0),
            buying: dice.log_normal(0.8) * way.buying * if buyer { 1.0 } else { 0.04 },
            budget: 190.0 * dice.log_normal(0.45),
            talking: dice.log_normal(1.0),
            reading: dice.log_normal(0.7),
        }
    }

    /// The shop's own id of the member.
    pub(crate) fn user_id(&self) -> String {
        format!("LW{:06}", self.number)
    }

    /// The id of one of his devices.
    pub(crate) fn device(&self, device: u8) -> String {
        let low = mix(self.seed ^ 0x00D0_0D1E, self.number * 4 + u64::from(device));
        format!("dev-{low:016x}")
    }

    /// A telephone number that no network assigns: Chinese area code 10, and then a zero.
    pub(crate) fn phone(&self) -> String {
        if self.number < 10_000_000 {
            return format!("+8610{:08}", self.number);
        }
        format!("+86100{}", self.number % 10_000_000_000)
    }

    pub(crate) fn city_name(&self) -> &'static str {
        CITIES.get(usize::from(self.city)).map_or("", |(name, _)| name)
    }

    pub(crate) fn grape_name(&self) -> &'static str {
        GRAPES.get(usize::from(self.grape)).map_or("", |(name, _)| name)
    }

    pub(crate) fn acquisition(&self) -> &'static Acquisition {
        acquisition_at(self.acquisition)
    }

    /// How much each product attracts him: the grape he prefers, at about his price.
    pub(crate) fn tastes(&self) -> [f64; PRODUCTS.len()] {
        let favourite = self.grape_name();
        std::array::from_fn(|index| {
            let product = &PRODUCTS[index];
            let distance = (f64::from(product.price) / self.budget).ln() / 0.6;
            let fits_price = (-0.5 * distance * distance).exp() + 0.02;
            fits_price * if product.grape == favourite { 4.0 } else { 1.0 }
        })
    }
}

fn acquisition_at(index: u8) -> &'static Acquisition {
    ACQUISITIONS.get(usize::from(index)).unwrap_or(&ACQUISITIONS[0])
}

fn city_of(dice: &mut Dice, acquisition: u8, english: bool) -> u8 {
    let index_of = |name: &str| CITIES.iter().position(|(city, _)| *city == name).unwrap_or(0) as u8;
    if english && dice.chance(0.8) {
        return index_of(["上海", "北京", "深圳", "香港"][dice.index(4)]);
    }
    // Whoever scans a poster lives where it hangs.
    if acquisition == BY_POSTER && dice.chance(0.85) {
        return index_of(POSTERS[dice.index(POSTERS.len())].2);
    }
    dice.weighted(CITIES.iter().map(|(_, weight)| *weight)) as u8
}

fn chinese_name(dice: &mut Dice, woman: bool) -> (String, String) {
    let (family, family_reading, _) = FAMILY[dice.weighted(FAMILY.iter().map(|(_, _, weight)| *weight))];
    let characters = if woman { &WOMEN } else { &MEN };
    let mut name = family.to_owned();
    let mut reading = family_reading.to_owned();
    for _ in 0..if dice.chance(0.72) { 2 } else { 1 } {
        let (character, its_reading) = characters[dice.index(characters.len())];
        name.push_str(character);
        reading.push_str(its_reading);
    }
    (name, reading)
}

fn english_name(dice: &mut Dice, woman: bool) -> (String, String) {
    let given = if woman { &ENGLISH_WOMEN } else { &ENGLISH_MEN };
    let given = given[dice.index(given.len())];
    let family = ENGLISH_FAMILY[dice.index(ENGLISH_FAMILY.len())];
    (format!("{given} {family}"), format!("{}.{}", given.to_lowercase(), family.to_lowercase()))
}

fn groups_of(dice: &mut Dice, city: u8, grape: u8, english: bool, origin: Origin) -> Vec<u8> {
    let mut groups = Vec::new();
    if origin == Origin::Visitor || dice.chance(0.18) {
        return groups;
    }
    if english && dice.chance(0.85) {
        groups.push(ENGLISH);
    }
    let city_name = CITIES.get(usize::from(city)).map_or("", |(name, _)| name);
    groups.extend(group_of_city(city_name).filter(|_| dice.chance(0.8)));
    let (grape_name, _) = GRAPES.get(usize::from(grape)).copied().unwrap_or_default();
    let wishes = [
        (BEGINNERS, if origin == Origin::Within { 0.5 } else { 0.15 }),
        (BURGUNDY, if grape_name == "黑皮诺" { 0.5 } else { 0.08 }),
        (WHITE_AND_SPARKLING, if ["霞多丽", "雷司令", "长相思"].contains(&grape_name) { 0.45 } else { 0.06 }),
        (FOOD, 0.2),
        (DEALS, 0.28),
    ];
    groups.extend(wishes.into_iter().filter(|(_, wish)| dice.chance(*wish)).map(|(group, _)| group));
    groups
}

/// All people with their lives.
pub(crate) struct Population {
    pub people: Vec<Person>,
    pub lives: Vec<Life>,
    pub curve: Curve,
    start: i64,
    until: i64,
    seed: u64,
    events_wanted: f64,
}

impl Population {
    /// Draws everybody.
    pub(crate) fn of(plan: &DemoPlan) -> Population {
        let (start, until) = (plan.start().millis(), plan.until.millis());
        let curve = Curve::new(start, until);
        let mut people = Vec::with_capacity(plan.members);
        let mut lives = Vec::with_capacity(plan.members);
        for number in 1..=plan.members as u64 {
            let mut dice = Dice::new(plan.seed ^ 0x0717, number);
            let origin = match dice.unit() {
                share if share < 0.42 => Origin::Before,
                share if share < 0.94 => Origin::Within,
                _ => Origin::Visitor,
            };
            let person = Person::of(plan.seed, number, origin, |dice, acquisition| match origin {
                Origin::Before => start - DAY - (dice.exponential(220.0).min(1_500.0) * DAY as f64) as i64,
                Origin::Within | Origin::Visitor => signup_moment(dice, &curve, acquisition, start, until),
            });
            lives.push(Life::of(&person, &mut dice, start, until));
            people.push(person);
        }
        let events_wanted = plan.members as f64 * f64::from(plan.days) * EVENTS_A_DAY;
        Population { people, lives, curve, start, until, seed: plan.seed, events_wanted }
    }

    /// Everything that everybody does until the end, oldest first.
    pub(crate) fn facts(&self) -> Vec<Fact> {
        let visits_wanted =
            (self.events_wanted - EVENTS_OF_ARRIVAL * self.people.len() as f64).max(0.0) / EVENTS_A_VISIT;
        let liveliness: f64 =
            self.people.iter().zip(&self.lives).map(|(person, life)| person.activity * life.amount(&self.curve)).sum();
        let scale = if liveliness > 0.0 { visits_wanted / liveliness } else { 0.0 };

        let mut facts = Vec::with_capacity((self.events_wanted * 1.1) as usize);
        for (index, (person, life)) in self.people.iter().zip(&self.lives).enumerate() {
            let dice = Dice::new(self.seed ^ 0x11FE, person.number);
            let mut scribe = Scribe::new(person, index as u32, dice, person.number * 1_000);
            scribe.live(life, &self.curve, scale, (self.start, self.until));
            facts.append(&mut scribe.facts);
        }
        facts.retain(|fact| (self.start..=self.until).contains(&fact.at));
        facts.sort_by_key(|fact| fact.at);
        facts
    }
}

/// When a newcomer signs up: when the shop is busy, the more the older the shop is, and for
/// some ways on the evening on which they bring people.
fn signup_moment(dice: &mut Dice, curve: &Curve, acquisition: u8, start: i64, until: i64) -> i64 {
    let span = (until - start).max(1) as f64;
    let mut moment = curve.moment(dice, start, until);
    for _ in 0..8 {
        let progress = (moment - start) as f64 / span;
        if dice.chance(0.62 + 0.38 * progress) {
            break;
        }
        moment = curve.moment(dice, start, until);
    }
    if acquisition == BY_LIVE && dice.chance(0.7) {
        let evening = crate::season::last_on_air(moment);
        moment = evening + (dice.exponential(50.0).min(600.0) * 60_000.0) as i64;
    }
    // Friends bring friends at the table, in the evening.
    if acquisition == BY_REFERRAL && dice.chance(0.4) {
        moment = crate::season::local_moment(moment, 19) + dice.between(0, 4 * HOUR);
    }
    if (start..until).contains(&moment) { moment } else { curve.moment(dice, start, until) }
}
