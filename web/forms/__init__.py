"""The inputs of a card on a page of their own, for messengers whose cards have none.

A link in chat leads there. What is submitted becomes an inbox event, like a click on the card itself.
"""
