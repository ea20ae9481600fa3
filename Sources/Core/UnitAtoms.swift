/// The prefixes and atoms of UCUM by their case-sensitive codes.
enum UnitAtoms {
  static let prefixes = table("Y Z E P T G M k h da d c m u n p f a z y Ki Mi Gi Ti")

  /// Atoms that take a prefix.
  static let metric = table(
    """
    m s g rad K C cd mol sr Hz N Pa J W A V F Ohm S Wb Cel T H lm lx Bq Gy Sv l L ar t bar u eV pc st mho
    [c] [h] [k] [eps_0] [mu_0] [e] [m_e] [m_p] [G] [g] [ly] gf Ky Gal dyn erg P Bi St Mx G Oe Gb sb Lmb ph Ci R RAD REM
    m[H2O] m[Hg] cal_[15] cal_[20] cal_m cal_IT cal_th cal tex Np B B[SPL] B[V] B[mV] B[uV] B[10.nV] B[W] B[kW]
    eq osm g% kat U [iU] [IU] bit By Bd
    """)

  /// Atoms that take none.
  static let others = table(
    """
    10* 10^ [pi] % [ppth] [ppm] [ppb] [pptr] ' '' deg gon circ sph min h d wk mo mo_s mo_j mo_g a a_t a_j a_g AU atm att b [lbf_av] [psi] [S]
    [degF] [degR] [degRe] [car_m] [car_Au] [smoot] [m/s2/Hz^0.5] bit_s [den] [HP]
    [in_i] [ft_i] [yd_i] [mi_i] [fth_i] [nmi_i] [kn_i] [sin_i] [sft_i] [syd_i] [cin_i] [cft_i] [cyd_i] [bf_i] [cr_i] [mil_i] [cml_i] [hd_i]
    [ft_us] [yd_us] [in_us] [rd_us] [ch_us] [lk_us] [rch_us] [rlk_us] [fth_us] [fur_us] [mi_us] [acr_us] [srd_us] [smi_us] [sct] [twp] [mil_us]
    [in_br] [ft_br] [rd_br] [ch_br] [lk_br] [fth_br] [pc_br] [yd_br] [mi_br] [nmi_br] [kn_br] [acr_br]
    [gal_us] [bbl_us] [qt_us] [pt_us] [gil_us] [foz_us] [fdr_us] [min_us] [crd_us] [bu_us] [gal_wi] [pk_us] [dqt_us] [dpt_us] [tbs_us] [tsp_us]
    [cup_us] [foz_m] [cup_m] [tsp_m] [tbs_m] [gal_br] [pk_br] [bu_br] [qt_br] [pt_br] [gil_br] [foz_br] [fdr_br] [min_br]
    [gr] [lb_av] [oz_av] [dr_av] [scwt_av] [lcwt_av] [ston_av] [lton_av] [stone_av] [pwt_tr] [oz_tr] [lb_tr] [sc_ap] [dr_ap] [oz_ap] [lb_ap] [oz_m]
    [lne] [pnt] [pca] [pnt_pr] [pca_pr] [pied] [pouce] [ligne] [didot] [cicero]
    [Btu_39] [Btu_59] [Btu_60] [Btu_m] [Btu_IT] [Btu_th] [Btu] [Cal]
    [in_i'Hg] [in_i'H2O] [PRU] [wood'U] [diop] [p'diop] %[slope] [mesh_i] [Ch] [drp] [hnsf'U] [MET]
    [hp'_X] [hp'_C] [hp'_M] [hp'_Q] [hp_X] [hp_C] [hp_M] [hp_Q] [kp_X] [kp_C] [kp_M] [kp_Q]
    [pH] [HPF] [LPF] [arb'U] [USP'U] [GPL'U] [MPL'U] [APL'U] [beth'U] [anti'Xa'U] [todd'U] [dye'U] [smgy'U] [bdsk'U] [ka'U] [knk'U] [mclg'U] [tb'U]
    [CCID_50] [TCID_50] [EID_50] [PFU] [FFU] [CFU] [IR] [BAU] [AU] [Amb'a'1'U] [PNU] [Lf] [D'ag'U] [FEU] [ELU] [EU]
    """)

  private static func table(_ words: String) -> WordTable { WordTable(words) }
}

/// Words to be looked up by the bytes of a span, without allocation: one open-addressing table over one arena.
struct WordTable: Sendable {
  private var bytes: [UInt8] = []
  private var words: [Range<Int>] = []
  /// Numbers of words, -1 where none; a power of two long, half of it empty.
  private var slots: [Int]

  /// - Parameter text: words with blanks or line feeds between them.
  init(_ text: String) {
    let list = text.split(whereSeparator: { $0 == " " || $0 == "\n" })
    var size = 4
    while size < list.count * 2 { size *= 2 }
    slots = [Int](repeating: -1, count: size)
    for word in list {
      let word = Array(word.utf8)
      slots[slot(of: word.span, 0..<word.count)] = words.count
      words.append(bytes.count..<bytes.count + word.count)
      bytes += word
    }
  }

  func holds(_ source: Span<UInt8>, _ range: Range<Int>) -> Bool { slots[slot(of: source, range)] >= 0 }

  /// Where the word stands, or the empty slot where it would.
  private func slot(of source: Span<UInt8>, _ range: Range<Int>) -> Int {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for index in range { hash = (hash ^ UInt64(source[index])) &* 0x100_0000_01B3 }
    var slot = Int(truncatingIfNeeded: hash ^ hash >> 32) & (slots.count - 1)
    while slots[slot] >= 0, !equals(words[slots[slot]], source, range) { slot = (slot + 1) & (slots.count - 1) }
    return slot
  }

  private func equals(_ word: Range<Int>, _ source: Span<UInt8>, _ range: Range<Int>) -> Bool {
    guard word.count == range.count else { return false }
    for (left, right) in zip(word, range) where bytes[left] != source[right] { return false }
    return true
  }
}
