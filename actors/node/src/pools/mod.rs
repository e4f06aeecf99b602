//! The way of a node's heavy work to the process's threads: one actor for signatures, one for virtual machines.
//!
//! The threads belong to all nodes of the process; these actors belong to one, so that its work can be seen, slowed and broken in
//! its own tree. A job that is lost on the way tells its owner, who hands it in again.

use std::sync::Arc;

use futures::channel::oneshot;
use vespiary_supervision::{Actor, Address, ChildSpec, Context, Handler, Message, Reply, SupervisorSpec};

use crate::environment::{Lane, Pool, Workbench};

/// A piece of work for a lane.
struct Dispatch {
    lane: Lane,
    job: Box<dyn FnOnce(&mut Workbench) + Send>,
}

impl Message for Dispatch {
    type Result = ();
}

/// Hands jobs to one kind of thread.
struct Dispatcher {
    pool: Arc<dyn Pool>,
}

impl Actor for Dispatcher {
    const KIND: &'static str = "pool";
}

impl Handler<Dispatch> for Dispatcher {
    fn handle(&mut self, dispatch: Dispatch, _: &mut Context<Self>) -> Reply<()> {
        self.pool.run(dispatch.lane, dispatch.job);
        Reply::now(())
    }
}

/// A node's way to the threads. Clones are the same way.
#[derive(Clone)]
pub(crate) struct Pools {
    signatures: Address<Dispatcher>,
    vm: Address<Dispatcher>,
}

/// Jobs that may wait in front of a dispatcher.
const CAPACITY: usize = 65_536;

impl Pools {
    /// The supervisor of the dispatchers, and the way through them.
    pub(crate) fn new(pool: &Arc<dyn Pool>) -> (SupervisorSpec, Self) {
        let dispatcher = |name: &str| {
            let pool = Arc::clone(pool);
            let (spec, address) = ChildSpec::new(name, move || Dispatcher { pool: Arc::clone(&pool) });
            (spec.capacity(CAPACITY), address)
        };
        let ((signatures_spec, signatures), (vm_spec, vm)) = (dispatcher("signatures"), dispatcher("vm"));
        let intensity = (100, std::time::Duration::from_secs(10));
        let supervisor =
            SupervisorSpec::one_for_one().intensity(intensity.0, intensity.1).child(signatures_spec).child(vm_spec);
        (supervisor, Self { signatures, vm })
    }

    /// Runs `job` on a lane. None if it panicked, or was lost on the way.
    pub(crate) async fn call<T: Send + 'static>(
        &self,
        lane: Lane,
        job: impl FnOnce(&mut Workbench) -> T + Send + 'static,
    ) -> Option<T> {
        let (sender, receiver) = oneshot::channel();
        let job = Box::new(move |bench: &mut Workbench| {
            // Whoever asked may have gone; the result goes with them.
            let _ = sender.send(job(bench));
        });
        let dispatcher = match lane {
            Lane::Vm(_) => &self.vm,
            Lane::Signatures | Lane::Sync => &self.signatures,
        };
        dispatcher.tell(Dispatch { lane, job }).ok()?;
        receiver.await.ok()
    }
}
