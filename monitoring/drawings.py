"""The small drawings beside words: one a category and one a state, as SVG on a grid of 16."""

_FRAME = '<rect x="1.2" y="1.2" width="13.6" height="13.6" rx="3"/>'

# One drawing a category, so that a print in grey and a colour-blind reader lose nothing.
SHAPES: dict[str, str] = {
    "BASELINE": '<path d="M3 3v10M3 8h10"/>',
    "CR": '<circle cx="8" cy="8" r="5.5"/><path d="M5.4 8.2 7.3 10l3.4-4"/>',
    "PR": '<path class="solid" d="M2.5 4h11L8 13.5z"/>',
    "SD": '<path class="solid" d="M2.5 5.5h11v5h-11z"/>',
    "PD": '<path class="solid" d="M2.5 12.5h11L8 3z"/>',
    "NE": '<circle cx="8" cy="8" r="5.5"/><path d="M4.2 11.8 11.8 4.2"/>',
    "NA": '<path d="M3 8h10"/>',
    "NON_CR_NON_PD": '<path d="M3 6h10M3 10h10"/>',
    "NED": '<circle cx="8" cy="8" r="5.5"/>',
    "EQUIVOCAL_REAPPEARANCE": '<circle cx="8" cy="8" r="6"/>'
    '<path d="M6.2 6.4a1.9 1.9 0 1 1 2.6 1.8q-.8.4-.8 1.3M8 11.6v.3"/>',
    # iRECIST: the drawing of RECIST 1.1 in a frame; hollow while a progression is unconfirmed.
    "iCR": f'{_FRAME}<path d="M4.6 8.3 7 10.7l4.4-5"/>',
    "iPR": f'{_FRAME}<path class="solid" d="M4.2 5.4h7.6L8 11.4z"/>',
    "iSD": f'{_FRAME}<path class="solid" d="M4.2 6.6h7.6v2.8H4.2z"/>',
    "iUPD": f'{_FRAME}<path d="M4.2 11h7.6L8 4.8z"/>',
    "iCPD": f'{_FRAME}<path class="solid" d="M4.2 11h7.6L8 4.8z"/>',
    "NON-iCR/NON-iUPD": f'{_FRAME}<path d="M4.6 6.6h6.8M4.6 9.4h6.8"/>',
    "POST_iCPD": f'{_FRAME}<path d="M5 5l6 6M11 5l-6 6"/>',
    "moving": '<circle cx="8" cy="8" r="5.5" class="track"/><path d="M8 2.5A5.5 5.5 0 0 1 13.5 8" class="turning"/>',
    "waiting": '<circle cx="8" cy="8" r="5.5"/><path d="M8 4.8V8l2.2 1.6"/>',
    "done": '<path d="m3 8.4 3.2 3.2L13 4.8"/>',
    "failed": '<path d="m4 4 8 8M12 4l-8 8"/>',
    "attention": '<path d="M8 2.2 14.3 13H1.7z"/><path d="M8 6.4v3.1M8 11.2v.4"/>',
    "quiet": '<path d="M3 8h10"/>',
}

# May two scans be compared: a ring that closes up as less may be.
LIGHTS: dict[str, str] = {
    "OK": '<circle cx="8" cy="8" r="5.8"/><path d="M5.4 8.2 7.3 10l3.4-4"/>',
    "INFO": '<circle cx="8" cy="8" r="5.8"/><path d="M8 7.4v3.4M8 4.9v.4"/>',
    "WARN": '<path d="M8 2.2 14.3 13H1.7z"/><path d="M8 6.4v3.1M8 11.2v.4"/>',
    "BLOCK_TEXTURE": '<circle cx="8" cy="8" r="5.8"/><path class="solid" d="M8 2.2a5.8 5.8 0 0 1 0 11.6z"/>',
    "BLOCK": '<path class="solid" d="M5.6 2h4.8L14 5.6v4.8L10.4 14H5.6L2 10.4V5.6z"/>',
}
