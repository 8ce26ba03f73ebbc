"""The deal: a bid is awarded and accepted, or the deal ends before its delivery. Each verb works on locked rows."""
