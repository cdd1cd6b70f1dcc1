use super::*;
use proptest::prelude::*;

const SECOND: Duration = Duration::from_secs(1);

fn limits(per_second: f64, concurrency: usize) -> Limits {
    Limits::new(Pace { per_second, concurrency }, None)
}

fn gate(per_second: f64, concurrency: usize) -> Gate {
    Gate::new(0, limits(per_second, concurrency), SECOND)
}

#[test]
fn lets_through_what_pace_and_concurrency_allow() {
    let gate = gate(10.0, 3);
    assert_eq!(gate.allowed(SECOND), Allowed::Some(6));
    gate.enter(6);
    assert_eq!(gate.allowed(SECOND), Allowed::AwaitsRoom);
    gate.leave(6, SECOND);
    assert_eq!(gate.allowed(SECOND), Allowed::Some(4));
    gate.enter(4);
    gate.leave(4, SECOND);
    assert_eq!(gate.allowed(SECOND), Allowed::After(Duration::from_millis(100)));
    assert_eq!(gate.allowed(SECOND + Duration::from_millis(250)), Allowed::Some(2));
}

#[test]
fn room_is_given_when_half_of_it_is_free() {
    let gate = gate(40.0, 4);
    gate.enter(8);
    assert_eq!((0..4).map(|_| gate.leave(1, SECOND)).collect::<Vec<bool>>(), [false, false, false, true]);
    assert_eq!(gate.allowed(SECOND), Allowed::Some(4));
}

#[test]
fn a_slow_pace_lets_one_through_at_a_time() {
    let gate = gate(0.1, 8);
    assert_eq!(gate.allowed(SECOND), Allowed::Some(1));
    gate.enter(1);
    gate.leave(1, SECOND);
    assert_eq!(gate.allowed(SECOND * 6), Allowed::After(SECOND * 5));
    assert_eq!(gate.allowed(SECOND * 600), Allowed::Some(1));
}

#[test]
fn changed_settings_bring_no_burst_and_keep_the_rest() {
    let gate = gate(10.0, 20);
    gate.enter(10);
    gate.leave(10, SECOND);
    for version in 1..50 {
        gate.adjust(version, limits(10.0, 20), None, SECOND);
        assert_eq!(gate.allowed(SECOND), Allowed::After(Duration::from_millis(100)), "nothing was saved up");
    }
    gate.adjust(50, limits(1_000.0, 20), None, SECOND);
    assert_eq!(gate.allowed(SECOND), Allowed::After(Duration::from_millis(1)), "a faster pace starts from there");
    gate.adjust(51, Limits::new(Pace { per_second: 1_000.0, concurrency: 20 }, Some(3)), None, SECOND * 2);
    assert_eq!(gate.allowed(SECOND * 2), Allowed::Some(3), "and no more than the new burst is kept");
    assert_eq!(gate.breaks(SECOND * 2, "535"), Lesson::Rests(SECOND * 10));
    gate.adjust(52, limits(1_000.0, 20), None, SECOND * 3);
    assert_eq!(gate.allowed(SECOND * 3), Allowed::After(SECOND * 9), "an open breaker stays open");
}

#[test]
fn a_broken_channel_rests_longer_each_time_and_is_tried_with_one_message() {
    let gate = gate(100.0, 8);
    assert_eq!(gate.breaks(SECOND, "535"), Lesson::Rests(SECOND * 10));
    assert_eq!(gate.breaks(SECOND * 2, "535"), Lesson::Nothing);
    assert_eq!((gate.allowed(SECOND * 2), gate.admits(SECOND * 2)), (Allowed::After(SECOND * 9), 0));
    assert_eq!((gate.allowed(SECOND * 11), gate.admits(SECOND * 11)), (Allowed::Some(1), 1));
    gate.enter(1);
    assert_eq!(gate.allowed(SECOND * 11), Allowed::AwaitsRoom);
    gate.leave(1, SECOND * 11);
    assert_eq!(gate.breaks(SECOND * 11, "535"), Lesson::Rests(SECOND * 20));
    assert_eq!(gate.works(SECOND * 40), Lesson::Works);
    assert_eq!(gate.breaks(SECOND * 100, "535"), Lesson::Rests(SECOND * 10));
}

#[test]
fn a_channel_rests_as_long_as_the_other_side_asks_and_not_for_days() {
    let gate = gate(100.0, 8);
    assert_eq!(gate.rest(SECOND, SECOND * 30), Lesson::Rests(SECOND * 30));
    assert_eq!(gate.rest(SECOND * 2, SECOND * 5), Lesson::Nothing);
    assert_eq!(gate.allowed(SECOND * 2), Allowed::After(SECOND * 29));
    assert_eq!(gate.rest(SECOND * 2, SECOND * 86_400), Lesson::Rests(LONGEST_REST));
}

#[test]
fn a_plan_of_the_channel_bounds_what_is_claimed() {
    let gate = gate(100.0, 8);
    let plan = |messages| Some(Room { messages, ask_again: SECOND * 60, reason: "warm_up" });
    gate.adjust(0, limits(100.0, 8), plan(3), SECOND);
    assert_eq!(gate.allowed(SECOND), Allowed::Some(3));
    gate.adjust(0, limits(100.0, 8), plan(0), SECOND);
    assert_eq!(gate.allowed(SECOND), Allowed::After(SECOND * 60));
}

/// What can happen to a gate.
#[derive(Clone, Debug)]
enum Call {
    Wait(u64),
    Claim,
    Leave,
    GiveBack,
    Edit(u32, usize, u32),
}

fn call() -> impl Strategy<Value = Call> {
    prop_oneof![
        3 => (0u64..3_000).prop_map(Call::Wait),
        4 => Just(Call::Claim),
        3 => Just(Call::Leave),
        1 => Just(Call::GiveBack),
        1 => (1u32..500, 1usize..40, 1u32..100).prop_map(|(rate, lanes, burst)| Call::Edit(rate, lanes, burst)),
    ]
}

/// A bucket in whole thousandths of tokens, filled millisecond by millisecond.
struct NaiveBucket {
    thousandths: i64,
    rate: i64,
    burst: i64,
}

impl NaiveBucket {
    fn wait(&mut self, millis: u64) {
        for _ in 0..millis {
            self.thousandths = (self.thousandths + self.rate).min(self.burst * 1_000);
        }
    }
}

proptest! {
    #[test]
    fn the_gate_is_a_bucket_whatever_happens(calls in prop::collection::vec(call(), 1..80)) {
        let gate = Gate::new(0, Limits::new(Pace { per_second: 50.0, concurrency: 8 }, Some(20)), SECOND);
        let mut naive = NaiveBucket { thousandths: 20_000, rate: 50, burst: 20 };
        let (mut now, mut under_way, mut most, mut version) = (SECOND, 0usize, 16usize, 0);
        for call in calls {
            match call {
                Call::Wait(millis) => {
                    now += Duration::from_millis(millis);
                    naive.wait(millis);
                }
                Call::Claim => {
                    let room = most.saturating_sub(under_way);
                    let whole = usize::try_from(naive.thousandths.max(0) / 1_000).unwrap();
                    match gate.allowed(now) {
                        Allowed::Some(messages) => {
                            prop_assert!(messages >= 1 && messages <= room);
                            // Sums of fractions may differ by the last token.
                            let wanted = room.min(whole);
                            prop_assert!(messages.abs_diff(wanted) <= 1, "{messages} for {wanted}");
                            gate.enter(messages);
                            under_way += messages;
                            naive.thousandths -= messages as i64 * 1_000;
                        }
                        Allowed::AwaitsRoom => prop_assert!(room * 2 < most || room == 0),
                        Allowed::After(pause) => {
                            prop_assert!(whole <= 1, "{whole} tokens and none given");
                            let lacks = (1_000 - naive.thousandths) as f64 / naive.rate as f64 / 1_000.0;
                            prop_assert!((pause.as_secs_f64() - lacks.max(0.0)).abs() < 0.01, "{pause:?} for {lacks} s");
                        }
                    }
                }
                Call::Leave if under_way > 0 => {
                    gate.leave(1, now);
                    under_way -= 1;
                }
                Call::GiveBack if under_way > 0 => {
                    gate.give_back(1, now);
                    under_way -= 1;
                    naive.thousandths = (naive.thousandths + 1_000).min(naive.burst * 1_000);
                }
                Call::Leave | Call::GiveBack => {}
                Call::Edit(rate, concurrency, burst) => {
                    version += 1;
                    let pace = Pace { per_second: f64::from(rate), concurrency };
                    gate.adjust(version, Limits::new(pace, Some(burst)), None, now);
                    (naive.rate, naive.burst) = (rate.into(), burst.into());
                    naive.thousandths = naive.thousandths.min(naive.burst * 1_000);
                    most = Limits::new(pace, Some(burst)).most();
                }
            }
        }
    }
}
