//! Opcodes whose gas is the same wherever they stand, since Berlin.

/// Not here: gas depends on the operands or on the fork.
pub(super) const DYNAMIC: u8 = 255;

/// Gas by opcode (yellow paper, appendix G).
pub(super) static STATIC: [u8; 256] = table();

#[expect(clippy::indexing_slicing, reason = "a constant: an index out of range does not compile")]
const fn table() -> [u8; 256] {
    let mut table = [DYNAMIC; 256];
    table[0x00] = 0;
    let (zero, base, very_low, low, mid, high) = (0x00, 2, 3, 5, 8, 10);
    table[0x00] = zero;
    let groups: [(u8, &[u8]); 3] = [
        // ADDRESS ORIGIN CALLER CALLVALUE CALLDATASIZE CODESIZE GASPRICE COINBASE TIMESTAMP NUMBER PREVRANDAO GASLIMIT POP PC MSIZE GAS
        (base, &[0x30, 0x32, 0x33, 0x34, 0x36, 0x38, 0x3a, 0x41, 0x42, 0x43, 0x44, 0x45, 0x50, 0x58, 0x59, 0x5a]),
        // ADD SUB LT GT SLT SGT EQ ISZERO AND OR XOR NOT BYTE CALLDATALOAD
        (very_low, &[0x01, 0x03, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1a, 0x35]),
        // MUL DIV SDIV MOD SMOD SIGNEXTEND
        (low, &[0x02, 0x04, 0x05, 0x06, 0x07, 0x0b]),
    ];
    let mut group = 0;
    while group < groups.len() {
        let (cost, opcodes) = groups[group];
        let mut at = 0;
        while at < opcodes.len() {
            table[opcodes[at] as usize] = cost;
            at += 1;
        }
        group += 1;
    }
    // PUSH1 to PUSH32, DUP1 to DUP16, SWAP1 to SWAP16
    let mut opcode = 0x60;
    while opcode <= 0x9f {
        table[opcode] = very_low;
        opcode += 1;
    }
    // ADDMOD MULMOD JUMP, JUMPI, JUMPDEST
    table[0x08] = mid;
    table[0x09] = mid;
    table[0x56] = mid;
    table[0x57] = high;
    table[0x5b] = 1;
    table
}
