//! What somebody does when he comes: look at wine, buy it or think again, talk, read, watch.

use std::sync::Arc;

use crate::{
    dice::Dice,
    facts::{Cart, Detail, Fact, Voice, What},
    life::Life,
    population::{Origin, Person},
    season::{Curve, DAY, HOUR, local_date, local_day_number, mood, on_air},
    world::{
        places::POSTERS,
        talk::{LIVE_TOPICS, TOPICS},
        wines::{ARTICLES, COUPONS, PAGES, PRODUCTS, WELCOME_COUPON, is_gift, product_at},
    },
};

/// Within this time of the beginning of a visit the visitor has logged in, if he does.
const LOGIN_TAKES: i64 = 10 * 60_000;

/// Being in a group, from and to a moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Membership {
    pub group: u8,
    pub from: i64,
    pub to: i64,
}

fn since_always(group: &u8) -> Membership {
    Membership { group: *group, from: i64::MIN, to: i64::MAX }
}

/// Writes down what one person does.
pub(crate) struct Scribe<'a> {
    pub person: &'a Person,
    pub dice: Dice,
    pub facts: Vec<Fact>,
    pub memberships: Vec<Membership>,
    /// One bit for each device whose owner has logged in.
    pub known_devices: u8,
    person_index: u32,
    tastes: [f64; PRODUCTS.len()],
    next_cart: u64,
    orders: u32,
}

impl<'a> Scribe<'a> {
    /// A scribe for a person. His carts are numbered from `first_cart` on.
    pub(crate) fn new(person: &'a Person, person_index: u32, dice: Dice, first_cart: u64) -> Scribe<'a> {
        let memberships = match person.origin {
            Origin::Before => person.groups.iter().map(since_always).collect(),
            Origin::Within | Origin::Visitor => Vec::new(),
        };
        Scribe {
            person,
            dice,
            facts: Vec::new(),
            memberships,
            known_devices: 0,
            person_index,
            tastes: person.tastes(),
            next_cart: first_cart,
            orders: 0,
        }
    }

    /// A scribe for somebody who has been here for long: in his groups, known on his devices.
    pub(crate) fn settled(person: &'a Person, dice: Dice, first_cart: u64) -> Scribe<'a> {
        let mut scribe = Scribe::new(person, 0, dice, first_cart);
        scribe.memberships = person.groups.iter().map(since_always).collect();
        scribe.known_devices = u8::MAX;
        scribe
    }

    /// The whole life within the history. `scale` is the number of visits per unit of activity.
    pub(crate) fn live(&mut self, life: &Life, curve: &Curve, scale: f64, (start, until): (i64, i64)) {
        self.arrive(start);
        self.leave_groups(life);
        let mut visits = Vec::new();
        for stretch in &life.stretches {
            let mean = scale * self.person.activity * stretch.intensity * curve.amount(stretch.from, stretch.to);
            for _ in 0..self.dice.poisson(mean) {
                visits.push(curve.moment(&mut self.dice, stretch.from, stretch.to));
            }
        }
        visits.sort_unstable();
        // Members of old are known from the first hour on, and whoever takes a new device
        // before the end has the time to log in.
        for moment in visits {
            if moment <= until - LOGIN_TAKES {
                self.visit(moment.max(start + HOUR));
            }
        }
    }

    /// One visit that begins at `moment`.
    pub(crate) fn visit(&mut self, moment: i64) {
        if self.person.origin == Origin::Visitor {
            return self.browse(moment, Voice::Visitor(0));
        }
        let groups: Vec<u8> =
            self.memberships.iter().filter(|it| it.from <= moment && moment < it.to).map(|it| it.group).collect();
        let wishes = [
            0.75 + 0.25 * self.person.buying.min(3.0),
            if groups.is_empty() { 0.0 } else { 1.1 * self.person.talking.min(6.0) },
            0.3 * self.person.reading.min(4.0),
            if on_air(moment) { 2.2 } else { 0.0 },
            0.012,
        ];
        match self.dice.weighted(wishes.into_iter()) {
            0 => {
                let (moment, voice) = self.open_shop(moment);
                self.browse(moment, voice);
            }
            1 => self.talk(moment, &groups),
            2 => self.read(moment),
            3 => self.watch(moment, &groups),
            _ => {
                let poster = self.dice.index(POSTERS.len()) as u8;
                self.note(moment, Voice::Account, What::PosterScanned(poster));
            }
        }
    }

    /// Takes a device; on one that does not know him yet he looks at something first and then logs in.
    fn open_shop(&mut self, moment: i64) -> (i64, Voice) {
        let device = u8::from(self.person.devices > 1 && self.dice.chance(0.3));
        if self.known_devices & (1 << device) != 0 {
            return (moment, Voice::Member(device));
        }
        let page = self.dice.index(PAGES.len()) as u8;
        self.note(moment, Voice::Visitor(device), What::PageViewed(page));
        let later = moment + self.dice.between(10_000, 90_000);
        self.known_devices |= 1 << device;
        self.note(later, Voice::Member(device), What::Identified(Detail::Login));
        (later + self.dice.between(3_000, 30_000), Voice::Member(device))
    }

    fn browse(&mut self, moment: i64, voice: Voice) {
        let mut moment = moment;
        for _ in 0..self.dice.geometric(0.4, 3) {
            let page = self.dice.index(PAGES.len()) as u8;
            self.note(moment, voice, What::PageViewed(page));
            moment += self.dice.between(4_000, 60_000);
        }
        let mut seen = Vec::new();
        for _ in 0..1 + self.dice.geometric(0.45, 6) {
            let product = self.choose_product(moment);
            seen.push(product);
            self.note(moment, voice, What::ProductViewed(product));
            moment += self.dice.between(6_000, 110_000);
        }
        let wish = 0.21 * self.person.buying * mood(local_date(moment)).buying;
        if matches!(voice, Voice::Member(_)) && self.dice.chance(wish.min(0.7)) {
            self.shop(moment, voice, &seen);
        }
    }

    /// Fills a cart; about half of the carts are left standing somewhere on the way.
    fn shop(&mut self, moment: i64, voice: Voice, seen: &[u8]) {
        let mut moment = moment;
        let number = self.next_cart;
        self.next_cart += 1;
        let mut lines: Vec<(u8, u8)> = Vec::new();
        for line in 0..1 + self.dice.geometric(0.33, 3) {
            let product = if line < seen.len() { seen[seen.len() - 1 - line] } else { self.choose_product(moment) };
            if lines.iter().any(|(chosen, _)| *chosen == product) {
                continue;
            }
            let quantity = match self.dice.unit() {
                share if share < 0.66 => 1,
                share if share < 0.88 => 2,
                share if share < 0.97 => 3,
                _ => 6,
            };
            lines.push((product, quantity));
            self.note(moment, voice, What::ProductAdded { cart: number, product, quantity });
            moment += self.dice.between(8_000, 80_000);
        }
        if !self.dice.chance(0.7) {
            return;
        }
        let mut cart = Cart { number, lines, coupon: None };
        cart.coupon = self.coupon_for(&cart);
        let cart = Arc::new(cart);
        self.note(moment, voice, What::CheckoutStarted(cart.clone()));
        if !self.dice.chance(0.8) {
            return;
        }
        moment += self.dice.between(25_000, 200_000);
        self.note(moment, voice, What::OrderCompleted(cart.clone()));
        if cart.discount() > 0 {
            self.note(moment + 1_000, voice, What::CouponRedeemed(cart.clone()));
        }
        self.orders += 1;
        self.after_order(moment, &cart);
    }

    fn after_order(&mut self, moment: i64, cart: &Arc<Cart>) {
        if self.dice.chance(0.16) {
            let later = moment + self.dice.between(3 * DAY, 12 * DAY);
            self.review(later, cart.clone());
        }
        if self.dice.chance(0.05 * self.person.acquisition().loyalty) {
            let later = moment + self.dice.between(HOUR, 5 * DAY);
            self.note(later, Voice::Account, What::ReferralSent);
        }
    }

    /// A review of something bought long ago.
    pub(crate) fn look_back(&mut self, moment: i64) {
        let lines = vec![(self.choose_product(moment), 1)];
        let number = self.next_cart;
        self.next_cart += 1;
        self.review(moment, Arc::new(Cart { number, lines, coupon: None }));
    }

    fn review(&mut self, moment: i64, cart: Arc<Cart>) {
        let stars = 1 + self.dice.weighted([0.03, 0.05, 0.14, 0.34, 0.44].into_iter()) as u8;
        self.note(moment, Voice::Account, What::ReviewPosted { cart, stars });
    }

    fn coupon_for(&mut self, cart: &Cart) -> Option<u8> {
        let coupon = if self.orders == 0 && self.person.origin == Origin::Within && self.dice.chance(0.6) {
            WELCOME_COUPON
        } else {
            1 + self.dice.index(COUPONS.len() - 1) as u8
        };
        let wanted = coupon == WELCOME_COUPON || self.dice.chance(0.28);
        let reached = cart.goods() >= COUPONS.get(usize::from(coupon)).map_or(u32::MAX, |it| it.from);
        (wanted && reached).then_some(coupon)
    }

    fn talk(&mut self, moment: i64, groups: &[u8]) {
        // Whoever is in many groups talks in the first ones most.
        let group = groups[self.dice.geometric(0.4, groups.len() - 1)];
        let topic = self.dice.weighted(TOPICS.iter().map(|topic| topic.weight)) as u8;
        let eloquence = (0.42 + 0.05 * self.person.talking).min(0.75);
        let mut moment = moment;
        for _ in 0..1 + self.dice.geometric(eloquence, 12) {
            self.note(moment, Voice::Account, What::MessagePosted { group, topic });
            moment += self.dice.between(7_000, 240_000);
        }
    }

    fn read(&mut self, moment: i64) {
        // Two articles a week; mostly the newest is read.
        let newest = local_day_number(moment) * 2 / 7;
        let age = self.dice.geometric(0.45, ARTICLES.len() - 1) as i64;
        let article = (newest - age).rem_euclid(ARTICLES.len() as i64) as u8;
        let seconds = self.dice.between(15, 420) as u16;
        self.note(moment, Voice::Account, What::ArticleRead { article, seconds });
        if self.dice.chance(0.22) {
            let (later, voice) = self.open_shop(moment + i64::from(seconds) * 1_000);
            let product = self.choose_product(later);
            self.note(later, voice, What::ProductViewed(product));
        }
    }

    fn watch(&mut self, moment: i64, groups: &[u8]) {
        let topic = (local_day_number(moment) / 3).rem_euclid(LIVE_TOPICS.len() as i64) as u8;
        let minutes = self.dice.between(1, 90) as u8;
        self.note(moment, Voice::Account, What::LiveSessionJoined { topic, minutes });
        if !groups.is_empty() && self.dice.chance(0.3) {
            let later = moment + self.dice.between(60_000, 20 * 60_000);
            self.talk(later, groups);
        }
    }

    /// A product to his taste; presents before feasts.
    pub(crate) fn choose_product(&mut self, moment: i64) -> u8 {
        let feast = mood(local_date(moment)).buying;
        let tastes = &self.tastes;
        let weights = tastes
            .iter()
            .enumerate()
            .map(|(index, taste)| if is_gift(product_at(index as u8)) { taste * feast * feast } else { *taste });
        self.dice.weighted(weights) as u8
    }

    /// Writes one fact down.
    pub(crate) fn note(&mut self, at: i64, voice: Voice, what: What) {
        let salt = self.dice.salt();
        self.facts.push(Fact { at, person: self.person_index, salt, voice, what });
    }
}
