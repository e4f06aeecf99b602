//! Between the tangle and a chain: deposits in, withdrawals out.

use alloy_dyn_abi::DynSolValue;
use alloy_primitives::{Address, U256, keccak256};
use vespiary_crypto::Ed25519KeyPair;
use vespiary_tangle::TransactionBuilder;
use vespiary_types::{AgentId, Assets, L1Address, Level, OutputId, RequestId, tokens_to_wei};
use vespiary_vm::native::accounts;
use vespiary_vm::on_ledger::request_output;

use crate::send::{SendOptions, Transaction};
use crate::{Chain, Error, Receipt, Result, Wallet};

/// What crediting an Ethereum address takes, with room to spare; what is not burned stays the sender's.
const DEPOSIT_GAS: u64 = 50_000;

impl Chain {
    /// Pays L1 tokens of a wallet into the chain, to the credit of an Ethereum address. The request's fee is taken out of them.
    ///
    /// The receipt is that of the chain's request; it is there once a milestone has confirmed the deposit and a block executed it.
    pub async fn deposit(&self, wallet: Wallet, tokens: u64, to: Address, wait: Level) -> Result<Receipt> {
        self.node().check()?;
        let fee = self.gas_price() * U256::from(DEPOSIT_GAS);
        let credited = tokens_to_wei(tokens).checked_sub(fee).filter(|left| !left.is_zero()).ok_or_else(|| {
            Error::malformed(format!("a deposit of {tokens} L1 units does not cover its own fee of {fee} wei"))
        })?;
        let agent = AgentId::Ethereum { chain: self.id(), address: to };
        let call = accounts::transfer_to(&agent, Assets::base(credited), DEPOSIT_GAS);
        let (chain, tangle) = (self.clone(), self.node().tangle().engine().clone());
        let work = async move {
            let (sender, key) = (wallet.l1_address(), Ed25519KeyPair::clone(wallet.ed25519()));
            let request = request_output(chain.id(), sender, tokens, Some(&call));
            let (network, funds) = tangle.spendable(sender).await?;
            let unsigned = TransactionBuilder::new(&network)
                .output(request)
                .available(funds)
                .build(sender)
                .map_err(|error| Error::refused(error.to_string()))?;
            let transaction_id = tangle.confirm(unsigned, key).await?;
            let request = RequestId::OnLedger(OutputId { transaction_id, index: 0 });
            let included = chain.engine().await_level(request, wait.max(Level::Final)).await?;
            Chain::receipt_of(&included).ok_or_else(|| Error::internal("a final request without a receipt"))
        };
        self.node().engine().clock().drive(work).await?.checked()
    }

    /// Sends tokens of an Ethereum account to an L1 address (bech32 or hex), the wallet's own if none is given. They stand on L1 once the
    /// block is anchored.
    pub async fn withdraw(&self, wallet: Wallet, tokens: u64, to: Option<String>, wait: Level) -> Result<Receipt> {
        self.node().check()?;
        let target: L1Address = match to {
            Some(text) => self.node().tangle().engine().address(&text).await?,
            None => wallet.l1_address(),
        };
        let arguments = DynSolValue::Tuple(vec![
            DynSolValue::Tuple(vec![DynSolValue::Bytes(target.to_bytes().to_vec())]),
            DynSolValue::Tuple(vec![DynSolValue::Uint(tokens_to_wei(tokens), 256)]),
        ]);
        let selector = keccak256("send((bytes),(uint256))");
        let data = [selector.get(..4).unwrap_or_default(), arguments.abi_encode_params().as_slice()].concat();
        let call = Transaction::new(wallet, Some(crate::ethereum::sandbox()), data.into());
        let options = SendOptions { wait: wait.max(Level::Final), ..SendOptions::default() };
        let sent = self.send_one(call, options).await?;
        sent.receipt.ok_or_else(|| Error::internal("a final transaction without a receipt"))
    }
}
