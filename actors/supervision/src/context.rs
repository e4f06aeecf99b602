//! What an actor can do besides answering: futures and timers that die with its incarnation, stopping, knowing itself.

use std::{cell::RefCell, collections::VecDeque, future::Future, rc::Rc, sync::Arc, time::Duration};

use futures::{
    FutureExt,
    future::{AbortHandle, Abortable, LocalBoxFuture},
    stream::FuturesUnordered,
};

use crate::{
    actor::Actor,
    address::Address,
    environment::Environment,
    exit::ExitReason,
    tree::{Path, Tree},
};

/// What runs on the actor when a future of it is done.
pub(crate) type Callback<A> = Box<dyn FnOnce(&mut A, &mut Context<A>)>;

/// What runs on the actor with every tick of a timer.
type Repeated<A> = Box<dyn FnMut(&mut A, &mut Context<A>)>;

/// A future of the actor, and what then runs on it.
pub(crate) type Task<A> = LocalBoxFuture<'static, Option<Callback<A>>>;

/// One incarnation's hold on the world. It is handed to every handler, and everything in it ends with the incarnation.
pub struct Context<A: Actor> {
    address: Address<A>,
    path: Path,
    incarnation: u64,
    tree: Tree,
    environment: Arc<Environment>,
    pub(crate) exit: Option<ExitReason>,
    pub(crate) tasks: FuturesUnordered<Task<A>>,
    pub(crate) holds: VecDeque<Task<A>>,
    /// A future was added since the cell last looked, so it must be polled once for its wake-up to be registered.
    pub(crate) fresh: bool,
}

impl<A: Actor> Context<A> {
    pub(crate) fn new(
        address: Address<A>,
        path: Path,
        incarnation: u64,
        tree: Tree,
        environment: Arc<Environment>,
    ) -> Self {
        Self {
            address,
            path,
            incarnation,
            tree,
            environment,
            exit: None,
            tasks: FuturesUnordered::new(),
            holds: VecDeque::new(),
            fresh: false,
        }
    }

    /// The actor's own address.
    pub fn address(&self) -> &Address<A> {
        &self.address
    }

    /// The actor's path in the tree.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// 1 for the first life of this actor, one more for each restart.
    pub fn incarnation(&self) -> u64 {
        self.incarnation
    }

    /// The tree the actor lives in: to look others up, or to observe.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// Time since the tree's epoch, on the tokio clock.
    pub fn now(&self) -> Duration {
        self.tree.now()
    }

    pub(crate) fn environment(&self) -> &Arc<Environment> {
        &self.environment
    }

    /// Ends the incarnation after this handler, with [`ExitReason::Normal`].
    pub fn stop(&mut self) {
        self.exit(ExitReason::Normal);
    }

    /// Ends the incarnation after this handler, with an error. Called in `started`, the start has failed.
    pub fn fail(&mut self, error: impl std::fmt::Display) {
        self.exit(ExitReason::Failed { message: error.to_string() });
    }

    pub(crate) fn exit(&mut self, reason: ExitReason) {
        if self.exit.is_none() {
            self.exit = Some(reason);
        }
    }

    /// Runs a future beside the messages.
    pub fn spawn(&mut self, future: impl Future<Output = ()> + 'static) -> TaskHandle {
        self.launch(async move {
            future.await;
            None
        })
    }

    /// Runs a future beside the messages, then `then` on the actor with its output.
    pub fn spawn_then<T: 'static>(
        &mut self,
        future: impl Future<Output = T> + 'static,
        then: impl FnOnce(&mut A, T, &mut Self) + 'static,
    ) -> TaskHandle {
        self.launch(async move { Some(callback(future.await, then)) })
    }

    /// Runs a future and handles no message until it is done. Held futures run one after the other.
    pub fn hold(&mut self, future: impl Future<Output = ()> + 'static) {
        self.push_hold(Box::pin(async move {
            future.await;
            None
        }));
    }

    /// Runs a future, handles no message until it is done, then runs `then` on the actor with its output.
    pub fn hold_then<T: 'static>(
        &mut self,
        future: impl Future<Output = T> + 'static,
        then: impl FnOnce(&mut A, T, &mut Self) + 'static,
    ) {
        self.push_hold(Box::pin(async move { Some(callback(future.await, then)) }));
    }

    /// Runs `then` on the actor after `delay` on the tokio clock.
    pub fn after(&mut self, delay: Duration, then: impl FnOnce(&mut A, &mut Self) + 'static) -> TaskHandle {
        self.spawn_then(tokio::time::sleep(delay), move |actor, (), context| then(actor, context))
    }

    /// Runs `each` on the actor every `period` on the tokio clock, first after one period. A tick that comes late does not
    /// bring the next one nearer than its own time.
    ///
    /// A period of zero is taken as one millisecond, the resolution of the clock.
    #[expect(clippy::disallowed_methods, reason = "timers count on the tokio clock they run on, paused or not")]
    pub fn every(&mut self, period: Duration, each: impl FnMut(&mut A, &mut Self) + 'static) -> TaskHandle {
        let period = period.max(Duration::from_millis(1));
        let current = Rc::new(RefCell::new(Repeat { abort: None, cancelled: false }));
        let next = tokio::time::Instant::now() + period;
        self.tick(&current, period, next, Box::new(each));
        TaskHandle(current)
    }

    #[expect(clippy::disallowed_methods, reason = "timers count on the tokio clock they run on, paused or not")]
    fn tick(
        &mut self,
        current: &Rc<RefCell<Repeat>>,
        period: Duration,
        at: tokio::time::Instant,
        mut each: Repeated<A>,
    ) {
        let again = current.clone();
        let handle = self.spawn_then(tokio::time::sleep_until(at), move |actor, (), context| {
            each(actor, context);
            if !again.borrow().cancelled {
                let next = (at + period).max(tokio::time::Instant::now());
                context.tick(&again, period, next, each);
            }
        });
        let abort = handle.0.borrow_mut().abort.take();
        current.borrow_mut().abort = abort;
    }

    fn launch(&mut self, task: impl Future<Output = Option<Callback<A>>> + 'static) -> TaskHandle {
        let (abort, registration) = AbortHandle::new_pair();
        let task = Abortable::new(task, registration).map(|done| done.ok().flatten());
        self.push_task(Box::pin(task));
        TaskHandle(Rc::new(RefCell::new(Repeat { abort: Some(abort), cancelled: false })))
    }

    pub(crate) fn push_task(&mut self, task: Task<A>) {
        self.tasks.push(task);
        self.fresh = true;
    }

    pub(crate) fn push_hold(&mut self, task: Task<A>) {
        self.holds.push_back(task);
        self.fresh = true;
    }
}

fn callback<A: Actor, T: 'static>(output: T, then: impl FnOnce(&mut A, T, &mut Context<A>) + 'static) -> Callback<A> {
    Box::new(move |actor, context| then(actor, output, context))
}

struct Repeat {
    abort: Option<AbortHandle>,
    cancelled: bool,
}

/// Cancels a future or timer of the actor. Dropping the handle leaves it running.
pub struct TaskHandle(Rc<RefCell<Repeat>>);

impl TaskHandle {
    /// Drops the future; nothing of it runs any more.
    pub fn cancel(&self) {
        let mut repeat = self.0.borrow_mut();
        repeat.cancelled = true;
        if let Some(abort) = repeat.abort.take() {
            abort.abort();
        }
    }
}
