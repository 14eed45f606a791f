/// What each clause of the broker contract catches.
enum BrokerFlaws {
    static let caught: [(clause: String, flaws: [FlawedBroker.Flaw])] = [
        ("Jobs come back whole and in the order of their submission", [.losesTags, .latestFirst]),
        ("Everything of a submission comes back: channel, policy, times, names and roles", [.forgetsRoles]),
        ("Offering a submission again never makes a second job", [.takesAgain]),
        ("The same submission twice in one call makes one job", [.takesAgainInOneCall]),
        ("A submission offered again changes nothing, whatever became of the job", [.readmitsTheFinished]),
        ("Calls with nothing in them do nothing", [.failsOnNothing]),
        ("A thousand submissions, leases, extensions and settlements go in one call each, in order", [.limitsBatches]),
        (
            "A key answers with its job until its lifetime after settlement is over",
            [.keysNeverEnd, .keysEndAtSettlement, .forgetsKeys]
        ),
        ("A key lives while its job is unsettled, however long that takes", [.keysEndByTime]),
        ("A key's lifetime begins at a settlement of any kind", [.keysEndWithFailure]),
        (
            "A key with other content refuses the whole call, and nothing of it is stored",
            [.storesBeforeConflicts, .ignoresConflicts, .doubtsConflicts]
        ),
        ("A key twice in one call makes one job; with two contents it refuses the call", [.ignoresKeysInOneCall]),
        ("A key offered by many tasks at once makes one job", [.forgetsKeys]),
        ("Keys that differ in anything are different keys", [.foldsKeys]),
        ("A payload is bytes of any value, of any number, even none", [.cutsPayloads]),
        (
            "Jobs share an attachment, and each has it until it is done itself",
            [.dropsAttachmentsOfTheFinished, .mergesAttachments]
        ),
        ("An attachment stays for the others when one of its jobs is removed", [.dropsAttachmentsOfTheRemoved]),
        ("Text is kept as it is: empty, unicode, line ends, NUL, very long", [.cutsAtNUL, .cutsLongText]),
        ("Queues and workers have any name", [.foldsQueues]),
        ("A finished job's content is gone, and nothing hands it out again", [.revivesAll]),
        ("A job is not handed out before it is due", [.ignoresDueTimes]),
        (
            "Jobs come in the order in which they become due, then in the order of their submission",
            [.ordersByArrival, .latestFirst]
        ),
        ("A job that became due waits behind those that were due before it", [.ordersByArrival]),
        ("A job that waits again comes when it is due again", [.ordersByArrival]),
        ("A snoozed job takes its place by when it is due again", [.ordersByArrival]),
        ("A job that a worker gives back keeps its place in line", [.releasesToTheEnd]),
        ("A lost worker's jobs stand before what became due after them, in their order", [.latestFirst]),
        ("Queues are taken from in the order of the request", [.reversesQueues]),
        ("The first queue is emptied before the second, up to the limit", [.reversesQueues, .ordersByArrival]),
        ("A lease call answers no more jobs than it was asked for", [.ignoresLimits]),
        ("A job is only for workers that ask for its queue", [.foldsQueues, .takesAnyQueue]),
        ("A job past its expiry is not handed out", [.ignoresExpiry]),
        ("A job that expires while it is scheduled is not handed out when it is due", [.forgetsExpiryOfScheduled]),
        ("Expiry does not end a job in a worker's hands", [.expiresInHand]),
        ("A job that comes back after its expiry is not tried again", [.ignoresExpiry]),
        ("An expired job is dead on record, with the reason, and its recipients have failed", [.forgetsErrors]),
        ("An expired job's key lives on for its lifetime", [.keysEndAtSettlement]),
        ("A leased job is nobody else's until its lease ends", [.leasesEndAtOnce]),
        ("A lease lasts as long as was asked for", [.ignoresDurations]),
        ("No two leases of a job have one identity", [.reusesTokens]),
        ("An extended lease holds, counted from the extension", [.ignoresExtensions, .extendsTooLong]),
        (
            "Of several leases, extending tells those that are lost, and the others hold",
            [.losesAllTogether, .forgetsUnknownLeases]
        ),
        ("A lease that ran out is still its worker's while nobody took the job", [.endsLeasesByTheClock]),
        ("Tasks that submit, lease and settle at once get each job once", [.handsOutAgain]),
        ("A lost lease stays lost", [.tellsNoLoss]),
        ("A lease call that waits is answered as soon as a job is submitted", [.doesNotWait, .sleepsUntilTheEnd]),
        ("A lease call that waits is answered when a job becomes due", [.wakesForSubmissionsOnly]),
        ("A lease call that waits is answered when another's lease runs out", [.wakesForSubmissionsOnly]),
        (
            "A lease call that waits is answered when another gives a job back, or is to try it again",
            [.wakesForSubmissionsOnly]
        ),
        (
            "A lease call that waits is answered when a retry is due that was asked for meanwhile",
            [.wakesForSubmissionsOnly]
        ),
        ("A lease call that waits is answered when a person makes a job ready again", [.wakesForSubmissionsOnly]),
        ("A lease call whose time is up answers nothing", [.waitsTooLong]),
        ("Two lease calls that wait share two jobs", [.ignoresLimits]),
        ("A job in another queue does not answer a lease call that waits", [.takesAnyQueue]),
        ("A lease call cancelled while it waits throws at once", [.ignoresCancellation, .answersWhenCancelled]),
        ("A lease call cancelled beforehand throws at once", [.ignoresCancellation, .answersWhenCancelled]),
        ("A lease call that was cancelled takes no job with it", [.cancelledCallsGoOn]),
        ("A job ends in the state that its recipients give", [.answersWhatWasAsked]),
        ("One of several recipients decides: in doubt it is held, refused it is dead", [.answersWhatWasAsked]),
        ("Waiting again is scheduled, or ready where it is due at once", [.callsAllScheduled]),
        ("A retry comes back when it is due, as the next attempt", [.retriesAtOnce]),
        ("A batch of settlements is answered in its order, each by itself", [.answersInReverse]),
        ("A settlement of a job that was never there is answered so", [.knowsEveryJob]),
        ("Settling again answers as the first time and changes nothing", [.losesSettledLeases]),
        ("A job given up or held stays so when it is settled again", [.losesSettledLeases]),
        ("A snooze or a retry told twice counts once, in two calls and in one", [.settlesTwiceInOneCall]),
        ("A settlement told again does not disturb who has the job by now", [.takesBackWhatIsToldAgain]),
        ("Held and dead jobs wait for a person, however long", [.retriesTheDead]),
        (
            "The fingerprint of what was sent first is told to every later attempt",
            [.forgetsFingerprints, .keepsTheLastFingerprint]
        ),
        ("A late decision is refused, whatever it is", [.takesLateDecisions]),
        ("Facts move forward only, recipient by recipient", [.letsFactsGoBack]),
        (
            "Who is left out of a report, and a report on a stranger, changes nothing",
            [.countsTheMissing, .trustsStrangers]
        ),
        ("Accepted after doubt, or twice, or after a lost worker, is a possible duplicate", [.forgetsDuplicates]),
        ("Late facts are merged, late decisions are not", [.dropsLateFacts, .takesLateDecisions]),
        ("Late facts that leave nobody owed take the job out of line", [.dropsLateFacts]),
        ("What arrived late finishes a job that was given up", [.dropsLateFacts]),
        ("What is settled again is merged once", [.mergesAgain]),
        ("Why a job failed is kept, and forgotten once everyone has it", [.forgetsErrors, .keepsErrors]),
        ("Neither a snooze nor a release uses up an attempt", [.countsEveryLease]),
        (
            "A lost worker has used up an attempt, and that is told until one is settled",
            [.forgetsLostAttempts, .callsAllLost]
        ),
        ("Attempts are counted once each, on record too", [.countsAttemptsAtTheirEnd]),
        ("Counts follow a job through every state", [.countsLeasedAsReady]),
        ("Counts follow what a person does, and expiry", [.countsTheRemoved]),
        ("Each queue is counted by itself, sorted by name", [.countsUnsorted]),
        ("Jobs that needed more than one attempt are counted as retried", [.forgetsRetries]),
        ("Jobs in hand are listed with their worker and time left, the oldest lease first", [.listsLeasesInReverse]),
        ("A job whose lease ran out is listed as in hand until somebody takes it", [.hidesLeasesThatRanOut]),
        (
            "Workers are listed with the queues they asked for and the jobs they hold",
            [.forgetsQueuesOfWorkers, .listsBusyWorkersOnly]
        ),
        ("A worker that waits without a job is listed", [.listsBusyWorkersOnly]),
        ("A worker that extends or settles was seen then", [.seesWorkersLeaseOnly]),
        ("Jobs are listed the latest arrival first, by state and queue", [.listsTheOldestFirst]),
        ("A list comes in pages that hold each job once", [.overlapsPages]),
        ("Pages stay good while jobs come and go", [.pagesByNumber]),
        ("A job is listed by where it stands now", [.listsByPlan]),
        ("Only what nobody holds and nothing has settled is cancelled", [.cancelsInHand]),
        ("A cancelled job is handed out to nobody; one in hand goes its way", [.cancelsInName]),
        ("A cancelled job is dead on record, with the reason", [.cancelsWithoutReason]),
        ("Acting on no job does nothing", [.takesNoneForAll]),
        (
            "A person's retry owes the message to whoever did not get it, from attempt 1",
            [.forgetsRevival, .countsEveryLease]
        ),
        ("A person's retry is done to dead and held jobs only, each by itself", [.revivesAll]),
        ("A person's retry gives a job its whole time again", [.keepsTheOldExpiry]),
        ("A retried job may render otherwise: the fingerprint is forgotten", [.keepsTheLastFingerprint]),
        ("Doubt is not forgotten by a person's retry: who is accepted then may have it twice", [.forgetsDuplicates]),
        ("A retried job stands in line as of its retry", [.ordersByArrival]),
        ("Jobs are forgotten in the states that are named, and never in a worker's hands", [.forgetsInAnyState]),
        ("A forgotten job is handed out to nobody, and settling it is answered so", [.forgetsInName]),
        ("Forgetting a job frees its key", [.keepsForgottenKeys]),
        ("Pruning removes old settled jobs, but none whose key lives", [.prunesLivingKeys]),
        (
            "Pruning takes what was settled before a time, in the states that are named",
            [.prunesTheNew, .prunesAnyState]
        ),
        ("Erasing a sole recipient removes the job, sent or not, but none in a worker's hands", [.erasesExactly]),
        (
            "Erasing a recipient of settled jobs leaves the records of the others, without content",
            [.removesWhatItRedacts]
        ),
        ("Jobs that wait with others on them, or are in hand, are left and answered", [.forgetsWhatRemains]),
        ("An address that is part of another is another", [.erasesSimilar]),
        ("Nothing that is kept names an erased recipient: no record, tag, error or key", [.keepsTagsOfTheErased]),
        ("Nothing is found of an erased recipient, and all of the others", [.erasesInName]),
        ("The key of a redacted job that names nobody lives on", [.freesKeysOfTheRedacted]),
        ("Records are answered in the order that was asked for, nil for who is unknown", [.skipsTheUnknown]),
        ("A record says where a job stands from its submission on", [.updatesWhenRead, .losesTags]),
        ("A record tells each recipient's status, reply, route, remote id and times", [.forgetsRoutes]),
        ("What was sent keeps its time and route; who is accepted later loses the error", [.datesSendsAnew]),
        ("Sends are listed the latest first, one a recipient", [.listsSendsOldestFirst]),
        (
            "Sends are found by status, by all of several tags, and by recipient in any case",
            [.matchesAnyTag, .matchesExactly]
        ),
        ("Sends are counted by status, whatever the query's limit", [.countsUpToTheLimit]),
        ("What was removed has no record and no sends", [.remembersTheRemoved]),
        (
            "Everything that happens to a job is told, in its order, with the job and the time",
            [.tellsReleasesAsRetries]
        ),
        ("Jobs given up, held and left in doubt are told as what they become", [.tellsDoubtAsDeath]),
        ("What a person does is told of each job it was done to", [.hidesRevivals]),
        ("An expired job is told as dead, once", [.tellsTwice]),
        ("What changes nothing is not told", [.tellsDuplicates]),
        ("What arrived late and ends a job is told as its end", [.dropsLateFacts]),
        (
            "Events come after a cursor, at most as many as asked for, and none twice",
            [.ignoresEventLimits, .startsOver]
        ),
        ("A feed begins before anything has happened", [.beginsWithTheFirst]),
        ("A cursor that the broker did not make is answered with a gap, and a place to go on", [.takesAnyCursor]),
        ("Whoever waits for an event is told as soon as something happens", [.doesNotWaitForEvents]),
        ("Whoever waits for an event is told what a person does", [.doesNotWaitForEvents]),
        ("Waiting for an event ends with its time, or at once when it is cancelled", [.waitsTooLongForEvents]),
        ("A job submitted to one broker of a store is leased from another, and settled there", [.sharesNothing]),
        ("Each job goes to one of two brokers, in the order of their submission", [.sharesNothing]),
        (
            "A call that waits at one broker is answered by what happens at another",
            [.sharesNothing, .sleepsUntilTheEnd]
        ),
        ("A lease from one broker can be extended and settled at another", [.tellsLeasesApart]),
        ("A lease that runs out at one broker is taken over at another, and lost at the first", [.sharesNothing]),
        ("Keys and ids guard across brokers", [.keysOfItsOwn]),
        ("Many submissions of one key to two brokers at once make one job", [.keysOfItsOwn]),
        ("Counts, lists and records tell of what other brokers did", [.sharesNothing]),
        ("Workers of other brokers are listed, with their jobs", [.workersOfItsOwn]),
        ("Events tell of what other brokers did, and a cursor of one is good at the other", [.cursorsOfItsOwn]),
    ]
}
