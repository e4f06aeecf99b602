//! Whether a well-formed transaction may take effect at a milestone's time (TIP-20 and TIP-18, semantic validation).

use std::collections::{BTreeMap, BTreeSet};

use vespiary_types::{AliasId, L1Address, OutputId};

use crate::conflict::AliasField;
use crate::transaction::inputs_commitment;
use crate::{AliasOutput, Conflict, Output, Transaction, Unlock};

/// Checks `transaction` against the outputs it consumes, which stand in the order of its inputs.
///
/// Signatures are not verified here: see [`Transaction::signatures_hold`].
///
/// # Errors
/// The first rule that is broken.
pub fn validate(transaction: &Transaction, inputs: &[&Output], seconds: u32) -> Result<(), Conflict> {
    let essence = &transaction.essence;
    if inputs.len() != essence.inputs.len() || essence.inputs_commitment != inputs_commitment(inputs.iter().copied()) {
        return Err(Conflict::InputsCommitment);
    }
    let consumed = || essence.inputs.iter().zip(inputs.iter().copied());
    check_amounts(inputs, &essence.outputs)?;
    let transitions = Transitions::find(consumed(), &essence.outputs)?;
    let unlocked = check_unlocks(transaction, consumed(), &transitions, seconds)?;
    check_deposit_returns(inputs, &essence.outputs, seconds)?;
    for output in &essence.outputs {
        if let Some(sender) = output.sender()
            && !unlocked.contains(sender)
        {
            return Err(Conflict::Sender(*sender));
        }
        if let Output::Alias(AliasOutput { immutable_issuer: Some(issuer), .. }) = output
            && output.as_alias().is_some_and(AliasOutput::is_creation)
            && !unlocked.contains(issuer)
        {
            return Err(Conflict::Issuer(*issuer));
        }
    }
    Ok(())
}

/// Which of an alias's two controllers a transaction needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transition {
    /// The state index rises by one: the state controller.
    State,
    /// The index stays, or the alias ends: the governor.
    Governance,
}

/// The transition of each consumed alias.
pub(crate) struct Transitions(BTreeMap<AliasId, Transition>);

impl Transitions {
    /// Pairs consumed aliases with the outputs that continue them, and checks what may change.
    pub(crate) fn find<'a>(
        consumed: impl Iterator<Item = (&'a OutputId, &'a Output)>,
        outputs: &[Output],
    ) -> Result<Self, Conflict> {
        let mut next: BTreeMap<AliasId, &AliasOutput> = outputs
            .iter()
            .filter_map(Output::as_alias)
            .filter(|alias| !alias.is_creation())
            .map(|alias| (alias.alias_id, alias))
            .collect();
        let mut transitions = BTreeMap::new();
        for (id, output) in consumed {
            let Output::Alias(current) = output else { continue };
            let alias = current.id_at(id);
            let transition = match next.remove(&alias) {
                None => Transition::Governance,
                Some(next) => transition(alias, current, next)?,
            };
            transitions.insert(alias, transition);
        }
        match next.into_keys().next() {
            Some(missing) => Err(Conflict::AliasMissing(missing)),
            None => Ok(Self(transitions)),
        }
    }

    fn of(&self, alias: AliasId) -> Option<Transition> {
        self.0.get(&alias).copied()
    }

    /// The address that must unlock an input at this time.
    pub(crate) fn owner(&self, id: &OutputId, output: &Output, seconds: u32) -> L1Address {
        match output {
            Output::Basic(basic) => basic.owner_at(seconds),
            Output::Alias(alias) => match self.of(alias.id_at(id)) {
                Some(Transition::State) => alias.state_controller,
                Some(Transition::Governance) | None => alias.governor,
            },
        }
    }

    pub(crate) fn is_state_transition(&self, alias: AliasId) -> bool {
        self.of(alias) == Some(Transition::State)
    }
}

fn transition(alias: AliasId, current: &AliasOutput, next: &AliasOutput) -> Result<Transition, Conflict> {
    let keep =
        |same: bool, what: AliasField| if same { Ok(()) } else { Err(Conflict::AliasTransition { alias, what }) };
    keep(
        current.immutable_issuer == next.immutable_issuer && current.immutable_metadata == next.immutable_metadata,
        AliasField::ImmutableFeatures,
    )?;
    keep(current.foundry_counter == next.foundry_counter, AliasField::FoundryCounter)?;
    if next.state_index == current.state_index {
        keep(current.amount == next.amount, AliasField::Amount)?;
        keep(current.state_metadata == next.state_metadata, AliasField::StateMetadata)?;
        return Ok(Transition::Governance);
    }
    keep(current.state_index.checked_add(1) == Some(next.state_index), AliasField::StateIndex)?;
    keep(current.state_controller == next.state_controller, AliasField::StateController)?;
    keep(current.governor == next.governor, AliasField::Governor)?;
    keep(current.metadata == next.metadata, AliasField::Metadata)?;
    Ok(Transition::State)
}

/// Checks each input's unlock and says which addresses the transaction unlocked.
fn check_unlocks<'a>(
    transaction: &Transaction,
    consumed: impl Iterator<Item = (&'a OutputId, &'a Output)>,
    transitions: &Transitions,
    seconds: u32,
) -> Result<BTreeSet<L1Address>, Conflict> {
    let mut unlocked = BTreeSet::new();
    let mut aliases: Vec<Option<AliasId>> = Vec::with_capacity(transaction.unlocks.len());
    for ((id, output), unlock) in consumed.zip(&transaction.unlocks) {
        if let Output::Basic(basic) = output
            && !basic.is_unlocked_at(seconds)
        {
            return Err(Conflict::Timelock { output: *id, until: basic.timelock.unwrap_or_default() });
        }
        let owner = transitions.owner(id, output, seconds);
        let fits = match unlock {
            Unlock::Signature { public_key, .. } => public_key.address() == owner,
            Unlock::Reference(to) => match transaction.unlocks.get(usize::from(*to)) {
                Some(Unlock::Signature { public_key, .. }) => public_key.address() == owner,
                _ => false,
            },
            Unlock::Alias(to) => match aliases.get(usize::from(*to)) {
                Some(Some(alias)) => L1Address::Alias(*alias) == owner && transitions.is_state_transition(*alias),
                _ => false,
            },
        };
        // A second signature of an unlocked address would be a second way to write the same transaction.
        let repeated = matches!(unlock, Unlock::Signature { .. }) && unlocked.contains(&owner);
        if !fits || repeated {
            return Err(Conflict::Unlock { output: *id, owner });
        }
        unlocked.insert(owner);
        let alias = output.as_alias().map(|alias| alias.id_at(id));
        if let Some(alias) = alias
            && transitions.is_state_transition(alias)
        {
            unlocked.insert(L1Address::Alias(alias));
        }
        aliases.push(alias);
    }
    Ok(unlocked)
}

fn check_amounts(inputs: &[&Output], outputs: &[Output]) -> Result<(), Conflict> {
    let consumed: u128 = inputs.iter().map(|output| u128::from(output.amount())).sum();
    let created: u128 = outputs.iter().map(|output| u128::from(output.amount())).sum();
    if consumed == created { Ok(()) } else { Err(Conflict::Amounts { inputs: consumed, outputs: created }) }
}

fn check_deposit_returns(inputs: &[&Output], outputs: &[Output], seconds: u32) -> Result<(), Conflict> {
    let mut owed: BTreeMap<L1Address, u128> = BTreeMap::new();
    for basic in inputs.iter().filter_map(|output| output.as_basic()) {
        let expired = basic.expiration.is_some_and(|expiration| seconds >= expiration.time);
        if let Some(back) = &basic.storage_deposit_return
            && !expired
        {
            *owed.entry(back.address).or_default() += u128::from(back.amount);
        }
    }
    if owed.is_empty() {
        return Ok(());
    }
    let mut paid: BTreeMap<L1Address, u128> = BTreeMap::new();
    for basic in outputs.iter().filter_map(Output::as_basic).filter(|basic| basic.is_plain()) {
        *paid.entry(basic.address).or_default() += u128::from(basic.amount);
    }
    match owed.into_iter().find(|(to, owed)| paid.get(to).is_none_or(|paid| paid < owed)) {
        Some((to, owed)) => Err(Conflict::StorageDepositReturn { to, owed }),
        None => Ok(()),
    }
}
