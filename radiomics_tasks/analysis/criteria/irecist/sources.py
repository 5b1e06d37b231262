"""Where each rule of iRECIST is published, and what it says in one sentence."""

SEYMOUR = "Seymour 2017 (iRECIST), Table 2"
GROUP = "RECIST group (EORTC), iRECIST questions"
HOUSE = "this project's protocol"

RULES = {
    "START_1": (SEYMOUR, "The target sum is at least 20 % and 5 mm over its nadir."),
    "START_2": (SEYMOUR, "Non-target disease has unequivocally progressed."),
    "START_3": (f"{SEYMOUR}; {GROUP}: new lesions", "A new lesion, or known new lesions over their own nadir."),
    "START_4": (f"{GROUP}: new lesions; abnormal nodes", "Disease is back after a complete response."),
    "START_4A": (HOUSE, "After a complete response nothing is back, but the non-targets were not evaluated."),
    "START_5": (f"{GROUP}: abnormal nodes", "What is back after a complete response may be nothing: re-image."),
    "START_6": (HOUSE, "A known new lesion was not evaluated."),
    "START_6A": (HOUSE, "New lesions were not evaluated: a required region was not scanned, or a reader says so."),
    "START_7": (SEYMOUR, "All targets and non-targets are gone and no new lesion is left."),
    "START_8": (f"{SEYMOUR}; {GROUP}: new lesions", "Targets and non-targets are gone, but a new lesion is left."),
    "START_9": (SEYMOUR, "The targets are gone, but non-target disease is left or was not evaluated."),
    "START_10": (SEYMOUR, "The target sum is at least 30 % under baseline."),
    "START_11": (SEYMOUR, "The target sum has neither fallen nor grown enough."),
    "START_12": (SEYMOUR, "A target was not evaluated."),
    "START_13": (SEYMOUR, "Without targets: non-target disease is neither gone nor worse."),
    "START_14": (SEYMOUR, "Without targets: all disease is gone."),
    "START_15": (SEYMOUR, "Without targets: the non-target disease is gone, but a new lesion is left."),
    "START_16": (SEYMOUR, "Without targets: the non-targets were not evaluated."),
    "START_17": (HOUSE, "No disease at baseline and none now."),
    "OPEN_1": (f"{GROUP}: imaging before four weeks", "An early scan for a new symptom shows a further new lesion."),
    "OPEN_2": (f"{GROUP}: imaging before four weeks", "Less than four weeks after the iUPD: disregarded, repeat."),
    "OPEN_3": (f"{SEYMOUR}; {GROUP}: new lesions", "The targets still progress and have grown by 5 mm or more."),
    "OPEN_4": (f"{SEYMOUR}; {GROUP}: non-targets", "The non-targets still progress and have grown further."),
    "OPEN_5": (f"{SEYMOUR}; {GROUP}: new lesions", "The new lesions have grown further."),
    "OPEN_6": (f"{SEYMOUR}; {GROUP}: new lesions", "There is an additional new lesion."),
    "OPEN_7": (f"{GROUP}: non-targets", "There is progression in a category that had none before."),
    "OPEN_8": (HOUSE, "A target or a known new lesion was not evaluated; the progression stays unconfirmed."),
    "OPEN_9": (f"{SEYMOUR}; {GROUP}: new lesions", "It progresses no longer: the bar is reset."),
    "OPEN_9A": (HOUSE, "The non-targets were not evaluated; the progression stays unconfirmed."),
    "OPEN_10": (f"{SEYMOUR}; {GROUP}: non-targets", "Neither confirmed nor reset."),
    "AFTER_ICPD": (HOUSE, "Progression was confirmed before; this visit re-opens nothing."),
    "NOT_READ": (HOUSE, "Nobody has read this visit; its complete sum counts for the nadir."),
}
